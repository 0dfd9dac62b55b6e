// A server's messages to an LDAP client, each behind its length in two octets; the first octet says
// which mechanism binds, or Sicily. Whatever they are: the client binds once at a time, believes
// success only after its last message, and ends.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "epa/sasl/ldap_client.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "fuzz/sasl_fuzz_setup.h"
#include "lib/base/byte_reader.h"
#include "lib/sasl/ldap_messages.h"
#include "tests/support/fake_package.h"

namespace {

using epa::fuzz::Require;
using epa::sasl::MechanismType;

epa::fuzz::ReachPoint logged_in("a login");
epa::fuzz::ReachPoint by_sicily("a login by Sicily");
epa::fuzz::ReachPoint layered("a layer");
epa::fuzz::ReachPoint refused("a server's refusal");
epa::fuzz::ReachPoint unbound("a refused binding");
epa::fuzz::ReachPoint unsigned_("demanded signing");
epa::fuzz::ReachPoint unbelieved("success that is not believed");
epa::fuzz::ReachPoint no_answer("what is no answer");

epa::sasl::LdapClientOptions OptionsOf(uint8_t choice) {
  epa::sasl::LdapClientOptions options;
  options.sicily = choice % 3 == 2;
  options.exchange =
      epa::fuzz::FakeSaslClient(choice % 3 == 0 ? MechanismType::kGssSpnego : MechanismType::kNtlm);
  return options;
}

// Whether it is one bind request, and NTLM's or Negotiate's last.
bool IsLast(std::span<const uint8_t> message) {
  const auto request = epa::sasl::ParseBindRequest(message);
  Require(request.has_value());
  return epa::test::FakeTokenText(request->credentials.value_or(std::span<const uint8_t>())) ==
         "login alice";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto client = epa::sasl::LdapClient::Create(OptionsOf(data[0])).value();
  auto said = client->Begin();
  Require(said.ok() && !said->send.empty());
  bool last_sent = IsLast(said->send);
  epa::ByteReader reader({data + 1, size - 1});
  uint16_t length = 0;
  while (!client->logged_in() && !client->refusal().has_value() && reader.ReadU16(length)) {
    std::span<const uint8_t> message;
    Require(reader.ReadSpan(std::min<size_t>(length, reader.remaining()), message));
    said = client->Receive(message);
    Require(said.ok() && said->pending_work == nullptr);
    Require(!client->logged_in() || (last_sent && said->send.empty()));
    last_sent = last_sent || (!said->send.empty() && IsLast(said->send));
  }
  logged_in.Reach(client->logged_in());
  by_sicily.Reach(client->logged_in() && data[0] % 3 == 2);
  layered.Reach(client->layer() != nullptr);
  if (client->refusal().has_value()) {
    Require(client->layer() == nullptr);
    const epa::Reason reason = client->refusal()->reason;
    refused.Reach(reason == epa::Reason::kRefusedByPeer);
    unbound.Reach(reason == epa::Reason::kBindingExplicitlyNone);
    unsigned_.Reach(reason == epa::Reason::kSecurityLayerRequired);
    unbelieved.Reach(reason == epa::Reason::kUnexpectedMessage && !last_sent);
    no_answer.Reach(reason == epa::Reason::kMalformedToken);
  }
  return 0;
}
