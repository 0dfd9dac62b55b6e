// Each way in which the vectors of altered exchanges (tests/data/ntlm/ntlmv2_negative.json) alter
// one, done to an exchange with our acceptor; ntlmv2_test.cc computes the vectors themselves.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/ntlm/ntlm_vectors.h"
#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"

namespace epa::ntlm {
namespace {

using test::ClearFlags;
using test::Exchange;
using test::ExchangeSetup;
using test::ForgedClient;

using Message = std::vector<uint8_t>;

struct Alteration {
  std::string_view name;  // the vectors' suffix
  Reason reason;          // kNone: accepted
  std::function<void(ForgedClient&, ExchangeSetup&)> apply;
};

// The other case of an ASCII letter.
void FlipCase(uint8_t& letter) { letter ^= 0x20; }

void OnAuthenticate(ExchangeSetup& setup, std::function<void(Message&)> alter) {
  setup.on_authenticate = std::move(alter);
}

const std::vector<Alteration>& Alterations() {
  static const auto& alterations = *new std::vector<Alteration>{
      {"unchanged", Reason::kNone, [](ForgedClient&, ExchangeSetup&) {}},
      {"wrong-password", Reason::kWrongPassword,
       [](ForgedClient& client, ExchangeSetup&) { client.password = "something else"; }},
      {"password-case", Reason::kWrongPassword,
       [](ForgedClient& client, ExchangeSetup&) { client.password = "Secret-alice"; }},
      {"challenge-bit", Reason::kWrongPassword,
       [](ForgedClient&, ExchangeSetup& setup) {
         setup.on_challenge = [](Message& m) { test::ServerChallengeOf(m)[0] ^= 1; };
       }},
      {"mic-bit", Reason::kMicInvalid,
       [](ForgedClient&, ExchangeSetup& setup) {
         OnAuthenticate(setup, [](Message& m) { test::MicIn(m)[0] ^= 1; });
       }},
      {"mic-zero", Reason::kMicInvalid,
       [](ForgedClient&, ExchangeSetup& setup) {
         OnAuthenticate(setup, [](Message& m) { std::ranges::fill(test::MicIn(m), uint8_t{0}); });
       }},
      {"negotiate-flag-dropped", Reason::kMicInvalid,
       [](ForgedClient&, ExchangeSetup& setup) {
         setup.on_negotiate = [](Message& m) { ClearFlags(m, kNegotiateAlwaysSign); };
       }},
      {"challenge-flag-dropped", Reason::kMicInvalid,
       [](ForgedClient&, ExchangeSetup& setup) {
         setup.on_challenge = [](Message& m) { ClearFlags(m, kNegotiateAlwaysSign); };
       }},
      {"authenticate-flag-dropped", Reason::kMicInvalid,
       [](ForgedClient&, ExchangeSetup& setup) {
         OnAuthenticate(setup, [](Message& m) { ClearFlags(m, kNegotiateAlwaysSign); });
       }},
      {"mic-flag-cleared", Reason::kWrongPassword,
       [](ForgedClient&, ExchangeSetup& setup) {
         OnAuthenticate(setup, [](Message& m) { test::AvValueIn(m, AvId::kFlags)[0] = 0; });
       }},
      {"cbt-replaced", Reason::kWrongPassword,
       [](ForgedClient& client, ExchangeSetup& setup) {
         client.binding = test::Bindings(2).token();
         OnAuthenticate(setup, [](Message& m) {
           std::ranges::copy(test::Bindings(1).token().octets,
                             test::AvValueIn(m, AvId::kChannelBindings).begin());
         });
       }},
      {"spn-first-letter", Reason::kWrongPassword,
       [](ForgedClient&, ExchangeSetup& setup) {
         OnAuthenticate(setup,
                        [](Message& m) { FlipCase(test::AvValueIn(m, AvId::kTargetName)[0]); });
       }},
      {"time-bit", Reason::kWrongPassword,
       [](ForgedClient&, ExchangeSetup& setup) {
         // The copy of the time stamp ahead of the AV pairs: [MS-NLMP] 2.2.2.7.
         OnAuthenticate(setup, [](Message& m) { test::NtResponseIn(m)[24] ^= 1; });
       }},
      {"user-case", Reason::kMicInvalid,
       [](ForgedClient&, ExchangeSetup& setup) {
         OnAuthenticate(setup, [](Message& m) { FlipCase(test::UserIn(m)[0]); });
       }},
      {"domain-case", Reason::kWrongPassword,
       [](ForgedClient&, ExchangeSetup& setup) {
         OnAuthenticate(setup, [](Message& m) { FlipCase(test::DomainIn(m)[0]); });
       }},
      {"session-key-bit", Reason::kMicInvalid,
       [](ForgedClient&, ExchangeSetup& setup) {
         OnAuthenticate(setup, [](Message& m) { test::SessionKeyIn(m)[0] ^= 1; });
       }},
  };
  return alterations;
}

TEST(AcceptorVectors, EveryAlterationEndsAsTheVectorsSay) {
  for (const Alteration& alteration : Alterations()) {
    SCOPED_TRACE(std::string(alteration.name));
    ForgedClient client;
    ExchangeSetup setup;
    alteration.apply(client, setup);
    const Exchange exchange = RunForged(client, std::move(setup));
    if (alteration.reason == Reason::kNone) {
      ExpectEstablished(exchange);
    } else {
      ExpectRefused(exchange, alteration.reason);
      EXPECT_FALSE(exchange.audit->events.front().identity_verified);
    }
  }
}

// No alteration of the vectors is missing above, and each is refused at the stage they name.
TEST(AcceptorVectors, AlterationsAreThoseOfTheVectors) {
  std::set<std::string_view> ours;
  for (const Alteration& alteration : Alterations()) {
    ours.insert(alteration.name);
  }
  std::set<std::string> theirs;
  for (const nlohmann::json& entry : ReadEntries("ntlmv2_negative.json")) {
    const std::string name =
        entry["name"].get<std::string>().substr(entry["base"].get<std::string>().size() + 1);
    theirs.insert(name);
    const auto found = std::ranges::find(Alterations(), name, &Alteration::name);
    ASSERT_NE(found, Alterations().end()) << name;
    EXPECT_EQ(entry["expected"]["accept"], found->reason == Reason::kNone) << entry["name"];
    EXPECT_EQ(entry["expected"]["proof_ok"], found->reason != Reason::kWrongPassword)
        << entry["name"];
  }
  EXPECT_EQ(theirs.size(), ours.size());
}

}  // namespace
}  // namespace epa::ntlm
