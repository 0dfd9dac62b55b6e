// When a session key is exchanged, and what becomes of the field where it is not.
#include <gtest/gtest.h>

#include <string>

#include "lib/base/utf16.h"
#include "lib/crypto/rc4.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/ntlmv2.h"
#include "tests/ntlm/ntlm_vectors.h"
#include "tests/support/ntlm_client_forge.h"
#include "tests/support/status_matchers.h"

namespace epa::ntlm {
namespace {

using nlohmann::json;
using test::Exchange;
using test::ForgedClient;

// The key exchange key of NTLMv2 is the session base key ([MS-NLMP] 3.4.5.1).
Secret<16> KeyExchangeKey(const ForgedClient& client, const std::vector<uint8_t>& authenticate) {
  AuthenticateMessage message;
  EXPECT_FALSE(ReadAuthenticateMessage(authenticate, message).has_value());
  const NtHash hash = NtHashFromPassword(client.password).value();
  return SessionBaseKey(NtowfV2(hash, test::Utf16(client.user), test::Utf16(client.domain)),
                        message.v2.proof.first<16>());
}

TEST(KeyExchange, NeedsSomethingToSignOrSeal) {
  int checked = 0;
  for (const json& entry : ReadEntries("key_exchange.json")) {
    SCOPED_TRACE(entry["name"].get<std::string>());
    ForgedClient client;
    client.offered_flags =
        static_cast<uint32_t>(std::stoul(entry["negotiate_flags"].get<std::string>(), nullptr, 16));
    client.session_key_field = Octets(entry["session_key"]);
    client.mic_by_session_key_field = entry["mic_key"] == "session_key";
    const Exchange exchange = RunForged(client);
    ++checked;
    if (entry["reason"] != "none") {
      EXPECT_EQ(ReasonName(exchange.server->reason()), entry["reason"].get<std::string>());
      EXPECT_FALSE(exchange.server->established());
      continue;
    }
    ExpectEstablished(exchange);
    EXPECT_EQ(exchange.server->evidence()->mic, MicEvidence::kVerified);
    const auto exported = exchange.server->ExportSessionKey();
    ASSERT_OK(exported);
    const Secret<16> key = KeyExchangeKey(client, exchange.authenticate);
    EXPECT_TRUE(ConstantTimeEquals(exported->Expose(), key.Expose()));
    EXPECT_FALSE(exchange.server->message_protection().ok());
  }
  EXPECT_EQ(checked, 6);
}

// A server that agrees to key exchange, though not to the signing that was asked for, takes the key
// for exchanged (impacket's does).
TEST(KeyExchange, OurClientSendsAKeyWhereverAnExchangeIsAgreed) {
  test::ExchangeSetup setup;
  setup.parameters.want_sealing = true;
  constexpr uint32_t kProtection = kNegotiateSign | kNegotiateSeal;
  setup.on_challenge = [](auto& challenge) { test::ClearFlags(challenge, kProtection); };
  const Exchange exchange = RunExchange(std::move(setup));
  ASSERT_TRUE(exchange.client->established());
  AuthenticateMessage message;
  ASSERT_FALSE(ReadAuthenticateMessage(exchange.authenticate, message).has_value());
  EXPECT_NE(message.flags & kNegotiateKeyExchange, 0u);
  ASSERT_EQ(message.encrypted_session_key.size(), 16u);
  const Secret<16> key = KeyExchangeKey(ForgedClient(), exchange.authenticate);
  const Secret<16> exchanged = crypto::Rc4WrapKey(key, message.encrypted_session_key.first<16>());
  EXPECT_TRUE(
      ConstantTimeEquals(exchange.client->ExportSessionKey()->Expose(), exchanged.Expose()));
}

}  // namespace
}  // namespace epa::ntlm
