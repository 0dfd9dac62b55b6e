// A server's lines to a client; the first octet says protocol, mechanism and whether there is an
// initial response. Whatever they are: the client says one line at a time, believes success only
// after its last message, and ends.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "epa/sasl/mail_client.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "fuzz/sasl_fuzz_setup.h"

namespace {

using epa::fuzz::Require;

epa::fuzz::ReachPoint answered("an answer to a challenge");
epa::fuzz::ReachPoint logged_in("a login");
epa::fuzz::ReachPoint cancelled("a client that gives up");
epa::fuzz::ReachPoint refused("a server's refusal");
epa::fuzz::ReachPoint unbelieved("success that is not believed");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  epa::sasl::MailClientOptions options;
  options.protocol = static_cast<epa::sasl::MailProtocol>(data[0] % 3);
  options.exchange = epa::fuzz::FakeSaslClient(epa::sasl::MechanismType::kNtlm);
  options.initial_response = (data[0] & 0x10) != 0;
  const auto client = epa::sasl::MailClient::Create(std::move(options)).value();
  auto said = client->Begin();
  Require(said.ok() && !said->send.empty());
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool last_sent = false;
  while (!rest.empty() && !client->logged_in() && !client->refusal().has_value()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    said = client->Receive(line);
    Require(said.ok() && std::ranges::count(said->send, '\n') <= 1);
    Require(!client->logged_in() || last_sent);
    last_sent = last_sent || said->send == "bG9naW4gYWxpY2U=\r\n";
    answered.Reach(last_sent);
    cancelled.Reach(said->send == "*\r\n");
  }
  logged_in.Reach(client->logged_in());
  refused.Reach(client->refusal() == epa::Reason::kRefusedByPeer);
  unbelieved.Reach(client->refusal() == epa::Reason::kUnexpectedMessage && !last_sent);
  return 0;
}
