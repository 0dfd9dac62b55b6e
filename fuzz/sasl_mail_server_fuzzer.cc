// A client's lines: the first octet says the protocol, the first line the command's arguments.
// Whatever they are: every line gets one answer, nobody is logged in before the last message, and
// nothing is under way afterwards but what was begun.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "epa/sasl/mail_server.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "fuzz/sasl_fuzz_setup.h"

namespace {

using epa::fuzz::Require;
using epa::sasl::MailProtocol;
using epa::sasl::MailServer;

epa::fuzz::ReachPoint challenged("a challenge");
epa::fuzz::ReachPoint gssapi("a login by GSSAPI");
epa::fuzz::ReachPoint confirmed("a last token that was confirmed");
epa::fuzz::ReachPoint logged_in("a login");
epa::fuzz::ReachPoint cancelled("a client that gives up");
epa::fuzz::ReachPoint refused("a refusal");
epa::fuzz::ReachPoint closed("a client that is sent away");

void Check(const MailServer& server, const epa::sasl::MailServerOutput& output, bool before) {
  Require(output.send.ends_with("\r\n") && std::ranges::count(output.send, '\n') == 1);
  Require(!before || server.login() != nullptr);
  const bool login = server.login() != nullptr;
  Require(!login || !server.in_progress());
  Require(!login || server.login()->context() != nullptr);
  challenged.Reach(server.in_progress());
  logged_in.Reach(login);
  gssapi.Reach(login && server.login()->mechanism() == epa::sasl::MechanismType::kGssapi);
  cancelled.Reach(absl::IsCancelled(output.reason));
  refused.Reach(absl::IsPermissionDenied(output.reason));
  closed.Reach(output.close);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto config = epa::fuzz::FakeSaslConfig();
  if (size == 0) {
    return 0;
  }
  MailServer server(config, static_cast<MailProtocol>(data[0] % 3), epa::Channel::Plain(), "");
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool done = false;
  while (!rest.empty() && !done) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const bool before = server.login() != nullptr;
    const bool empty_ends = server.in_progress() && line.empty();
    auto output = server.in_progress() ? server.Receive(line) : server.Begin(line, "a");
    while (output.pending_work != nullptr) {
      Require(output.send.empty());
      output.pending_work->Run();
      output = server.Resume(std::move(output.pending_work));
    }
    Check(server, output, before);
    confirmed.Reach(empty_ends && server.login() != nullptr);
    done = output.close;
  }
  return 0;
}
