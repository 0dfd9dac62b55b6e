// What a helper passes on to its service: the first octet picks the protocol and the mode, the rest
// are messages. Whatever they are, each has one answer, and nobody is let in who does not know a
// password.
//
// A line "KK @" is the answer of a client who knows it to the last challenge; "KK @@" the answer to
// the one before. "YR @" is a client's first token.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "epa/defaults/defaults.h"
#include "epa/ntlm/ntlm.h"
#include "fuzz/ntlm_fuzz_setup.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "lib/base/base64.h"
#include "tests/support/fixed_clock.h"
#include "tools/epa/common/helper_protocol.h"
#include "tools/epa/serve/helper_conversation.h"
#include "tools/epa/serve/ntlm_server_request.h"

namespace {

using epa::tool::HelperProtocol;
using Octets = std::vector<uint8_t>;

epa::fuzz::ReachPoint challenged("a challenge");
epa::fuzz::ReachPoint accepted("a login that is accepted");
epa::fuzz::ReachPoint interleaved("the earlier one of two logins that are half-way");
epa::fuzz::ReachPoint refused("a refusal");
epa::fuzz::ReachPoint fault("a fault");
epa::fuzz::ReachPoint negotiated("a token of Negotiate");
epa::fuzz::ReachPoint parsed("a whole request of ntlm-server-1");
epa::fuzz::ReachPoint extras("what a front end adds");
epa::fuzz::ReachPoint strange("a greeting of nobody");

// No two challenges are of one time.
epa::test::FixedClock& TheClock() {
  static epa::test::FixedClock clock;
  return clock;
}

// The account of NewInitiator.
epa::ntlm::AcceptorOptions Accounts() {
  epa::ntlm::AcceptorOptions options;
  std::vector<epa::ntlm::Account> accounts(1);
  accounts[0].user = "alice";
  accounts[0].domain = "EXAMPLE";
  accounts[0].nt_hash = epa::ntlm::NtHashFromPassword("secret").value();
  options.authority = epa::ntlm::CreateMemoryAuthority(std::move(accounts)).value();
  options.names.netbios_computer = "SERVER";
  options.clock = &TheClock();
  return options;
}

class Clients {
 public:
  std::string Begin() {
    contexts_.push_back(epa::fuzz::NewInitiator(0));
    return epa::EncodeBase64(contexts_.back()->Step({})->token);
  }
  void OnChallenge(std::string_view base64) {
    challenges_.push_back(epa::DecodeBase64(base64).value_or(Octets()));
  }
  // The answer to the challenge that came `back` before the last.
  std::string Answer(size_t back) {
    if (challenges_.size() <= back || contexts_.size() <= back) {
      return "";
    }
    auto& context = contexts_[contexts_.size() - 1 - back];
    const auto step = context->Step(challenges_[challenges_.size() - 1 - back]);
    return step.ok() ? epa::EncodeBase64(step->token) : "";
  }

 private:
  std::vector<std::unique_ptr<epa::SecurityContext>> contexts_;
  std::vector<Octets> challenges_;
};

std::shared_ptr<const epa::tool::HelperService> MakeService(uint8_t mode,
                                                            const epa::fuzz::CountingSink& sink) {
  epa::tool::HelperSettings settings;
  static const auto ntlm = epa::ntlm::CreateAcceptorCredentials(Accounts()).value();
  static const auto negotiate = epa::CreateServerCredentials({.ntlm = Accounts()}).value();
  static const auto ntlm_server = epa::tool::CreateNtlmServerCredentials(Accounts().authority);
  settings.ntlm = ntlm;
  settings.negotiate = negotiate;
  settings.ntlm_server = ntlm_server;
  settings.clock = &TheClock();
  epa::ExtendedProtectionOptions options;
  options.mode = static_cast<epa::ExtendedProtectionMode>(mode % 3);
  settings.policy = std::make_shared<const epa::ExtendedProtectionPolicy>(
      epa::ExtendedProtectionPolicy::Create(std::move(options)).value());
  settings.audit = sink.sink();
  settings.channel = [] {
    return epa::Channel::Tls(
        epa::ChannelBindings::FromApplicationData(std::vector<uint8_t>(53, 0x11)).value());
  };
  return std::make_shared<const epa::tool::HelperService>(std::move(settings), 8);
}

std::string Ask(epa::tool::Conversation& helper, std::string_view message, bool& closed) {
  helper.Receive({reinterpret_cast<const uint8_t*>(message.data()), message.size()});
  epa::tool::Turn turn = helper.Next();
  while (turn.work != nullptr) {
    turn.work->Run();
    turn = helper.Resume(std::move(turn.work));
  }
  closed = turn.close;
  return {turn.send.begin(), turn.send.end()};
}

std::string_view TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto protocol = static_cast<HelperProtocol>(data[0] / 3 % 3);
  const epa::fuzz::CountingSink sink;
  const auto service = MakeService(data[0], sink);
  const auto helper = epa::tool::NewHelperConversation(service, "fuzzer");
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool closed = false;
  if (text.starts_with('?')) {
    Ask(*helper, text, closed);
    strange.Reach(closed);
    return 0;
  }
  Ask(*helper,
      std::string(epa::tool::kHelperGreeting) + std::string(HelperProtocolName(protocol)) + "\n",
      closed);
  if (protocol == HelperProtocol::kNtlmServer) {
    parsed.Reach(epa::tool::ParseNtlmServerRequest(text).has_value());
  }
  Clients clients;
  while (!text.empty() && !closed) {
    const std::string_view line = TakeLine(text);
    std::string message(line);
    bool knows = false;
    if (line.starts_with("YR @")) {
      message = "YR " + clients.Begin() + std::string(line.substr(4));
    } else if (line == "KK @" || line == "KK @@") {
      const std::string answer = clients.Answer(line.size() - 4);
      knows = !answer.empty();
      message = "KK " + answer;
    }
    TheClock().Advance(1);
    const std::string answer = Ask(*helper, message + "\n", closed);
    if (answer.starts_with("TT ")) {
      clients.OnChallenge(answer.substr(3, answer.find_first_of(" \n", 3) - 3));
    }
    const bool in = answer.starts_with("AF ") || answer.starts_with("Authenticated: Yes");
    epa::fuzz::Require(!in || knows);
    challenged.Reach(answer.starts_with("TT "));
    accepted.Reach(in);
    interleaved.Reach(in && line == "KK @@");
    refused.Reach(answer.starts_with("NA"));
    fault.Reach(answer.starts_with("BH"));
    negotiated.Reach(protocol == HelperProtocol::kGssSpnego && answer.starts_with("TT "));
    extras.Reach(answer.starts_with("TT ") && line.size() > 4);
  }
  return 0;
}
