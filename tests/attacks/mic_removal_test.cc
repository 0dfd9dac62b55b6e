// Taking the message integrity code away, and what an attacker gains by it: the flags.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"

namespace epa::test {
namespace {

using ntlm::AvId;

constexpr uint32_t kOuterFlags = ntlm::kNegotiateSign | ntlm::kNegotiateSeal |
                                 ntlm::kNegotiateAlwaysSign | ntlm::kNegotiateKeyExchange;

// CVE-2019-1040: "drop the MIC", in each way it can be dropped.
TEST(DropTheMic, FieldRemoved) {
  ExchangeSetup setup;
  setup.on_authenticate = StripMic;
  ExpectRefused(RunExchange(std::move(setup)), Reason::kMicMissing);
}

TEST(DropTheMic, FieldAndVersionRemoved) {
  ExchangeSetup setup;
  setup.on_authenticate = StripMicAndVersion;
  ExpectRefused(RunExchange(std::move(setup)), Reason::kMicMissing);
}

TEST(DropTheMic, FieldAndVersionRemovedAndOuterFlagsCleared) {
  ExchangeSetup setup;
  setup.parameters.want_sealing = true;
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    StripMicAndVersion(message);
    ClearFlags(message, kOuterFlags);
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kMicMissing);
}

TEST(DropTheMic, FieldZeroed) {
  ExchangeSetup setup;
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    std::ranges::fill(MicIn(message), uint8_t{0});
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kMicInvalid);
}

TEST(DropTheMic, FieldZeroedAndOuterFlagsCleared) {
  ExchangeSetup setup;
  setup.parameters.want_sealing = true;
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    std::ranges::fill(MicIn(message), uint8_t{0});
    ClearFlags(message, kOuterFlags | ntlm::kNegotiateVersion);
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kMicInvalid);
}

TEST(DropTheMic, ClientThatPromisesOneAndSendsZeros) {
  ForgedClient client;
  client.write_mic = false;
  ExpectRefused(RunForged(client), Reason::kMicInvalid);
}

// The promise is inside the proof.
TEST(DropTheMic, PromiseCleared) {
  ExchangeSetup setup;
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    std::ranges::fill(AvValueIn(message, AvId::kFlags), uint8_t{0});
    StripMicAndVersion(message);
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kWrongPassword);
}

// CVE-2019-1166: "drop the MIC 2", MsvAvFlags planted in the CHALLENGE.
void PlantFlags(std::vector<uint8_t>& challenge) {
  EditTargetInfo(challenge, [](ForgedPairs& pairs) {
    pairs.push_back({AvId::kFlags, FlagsValue(0)});
  });
}

TEST(PlantedFlags, OurClientOverwritesThem) {
  ExchangeSetup setup;
  setup.on_challenge = PlantFlags;
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    EXPECT_EQ(AvValueIn(message, AvId::kFlags)[0], ntlm::kAvFlagMicPresent);
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kMicInvalid);
}

TEST(PlantedFlags, MicCannotBeDroppedAfterThem) {
  ExchangeSetup setup;
  setup.on_challenge = PlantFlags;
  setup.on_authenticate = StripMicAndVersion;
  ExpectRefused(RunExchange(std::move(setup)), Reason::kMicMissing);
}

// A client that keeps the planted pair and adds its own.
TEST(PlantedFlags, VulnerableClientWithBothPairs) {
  ExchangeSetup setup;
  setup.on_challenge = PlantFlags;
  ExpectRefused(RunForged(ForgedClient(), std::move(setup)), Reason::kDuplicateAvPair);
}

// A client that keeps the planted pair and so promises no MIC: nothing in its response tells it
// from a client that never sends one. The policy may demand a MIC; the binding holds anyway.
TEST(PlantedFlags, VulnerableClientWithoutAPromiseIsStoppedByRequireMic) {
  ForgedClient client;
  client.av_flags.reset();
  for (const bool require_mic : {false, true}) {
    ExchangeSetup setup;
    setup.policy.require_mic = require_mic;
    setup.on_challenge = PlantFlags;
    setup.on_authenticate = StripMicAndVersion;
    const Exchange exchange = RunForged(client, std::move(setup));
    if (require_mic) {
      ExpectRefused(exchange, Reason::kMicRequired);
    } else {
      ExpectEstablished(exchange);
      EXPECT_EQ(exchange.server->evidence()->mic, MicEvidence::kAbsent);
    }
  }
}

TEST(PlantedFlags, VulnerableClientRelayedToAnotherChannel) {
  ForgedClient client;
  client.av_flags.reset();
  client.binding = Bindings(2).token();
  ExchangeSetup setup;
  setup.on_challenge = PlantFlags;
  setup.on_authenticate = StripMicAndVersion;
  ExpectRefused(RunForged(client, std::move(setup)), Reason::kBindingMismatch);
}

// CVE-2016-2110: flags that no proof covers are altered on the way.
constexpr std::array<uint32_t, 5> kProtectiveFlags = {
    ntlm::kNegotiateSign, ntlm::kNegotiateSeal, ntlm::kNegotiateExtendedSessionSecurity,
    ntlm::kNegotiate128, ntlm::kNegotiateKeyExchange};

TEST(FlagDowngrade, InTheNegotiateOurClientRefusesTheAnswer) {
  for (const uint32_t flag : {ntlm::kNegotiateSign, ntlm::kNegotiateSeal,
                              ntlm::kNegotiateExtendedSessionSecurity, ntlm::kNegotiate128}) {
    ExchangeSetup setup;
    setup.parameters.require_sealing = true;
    setup.on_negotiate = [flag](std::vector<uint8_t>& message) { ClearFlags(message, flag); };
    const Exchange exchange = RunExchange(std::move(setup));
    EXPECT_EQ(exchange.client_result.state, StepState::kRejected) << flag;
    EXPECT_EQ(exchange.client->reason(), Reason::kServerFlagsUnacceptable) << flag;
  }
}

// A client that does without: its MIC shows the server what it had offered.
TEST(FlagDowngrade, InTheNegotiateOfAClientThatOnlyWishes) {
  constexpr uint32_t kBoth = ntlm::kNegotiateSign | ntlm::kNegotiateSeal;
  for (const uint32_t flags : {ntlm::kNegotiateSign, ntlm::kNegotiateSeal, kBoth}) {
    ExchangeSetup setup;
    setup.parameters.want_sealing = true;
    setup.on_negotiate = [flags](std::vector<uint8_t>& message) { ClearFlags(message, flags); };
    ExpectRefused(RunExchange(std::move(setup)), Reason::kMicInvalid);
  }
}

TEST(FlagDowngrade, InTheNegotiateAlteredBackInTheChallenge) {
  for (const uint32_t flag : kProtectiveFlags) {
    ExchangeSetup setup;
    setup.parameters.want_sealing = true;
    setup.on_negotiate = [flag](std::vector<uint8_t>& message) { ClearFlags(message, flag); };
    setup.on_challenge = [flag](std::vector<uint8_t>& message) { SetFlags(message, flag); };
    const Exchange exchange = RunExchange(std::move(setup));
    // Where a weak key would be the result, that is refused even before the MIC is.
    const bool weak =
        flag == ntlm::kNegotiateExtendedSessionSecurity || flag == ntlm::kNegotiate128;
    ExpectRefused(exchange, weak ? Reason::kWeakKeyRefused : Reason::kMicInvalid);
  }
}

TEST(FlagDowngrade, InTheAuthenticate) {
  for (const uint32_t flag : kProtectiveFlags) {
    ExchangeSetup setup;
    setup.parameters.want_sealing = true;
    setup.on_authenticate = [flag](std::vector<uint8_t>& message) { ClearFlags(message, flag); };
    const Exchange exchange = RunExchange(std::move(setup));
    const bool weak =
        flag == ntlm::kNegotiateExtendedSessionSecurity || flag == ntlm::kNegotiate128;
    ExpectRefused(exchange, weak ? Reason::kWeakKeyRefused : Reason::kMicInvalid);
  }
}

TEST(FlagDowngrade, SigningStrippedFromAllThreeMessages) {
  constexpr uint32_t kProtection = ntlm::kNegotiateSign | ntlm::kNegotiateSeal |
                                   ntlm::kNegotiateAlwaysSign | ntlm::kNegotiateKeyExchange;
  const auto strip = [](std::vector<uint8_t>& message) { ClearFlags(message, kProtection); };
  // A client that does not insist: its MIC shows what it had offered.
  ExchangeSetup setup;
  setup.on_negotiate = setup.on_challenge = setup.on_authenticate = strip;
  ExpectRefused(RunForged(ForgedClient(), std::move(setup)), Reason::kMicInvalid);
}

TEST(FlagDowngrade, SigningClientWithoutExtendedSessionSecurity) {
  for (const uint32_t flag : {ntlm::kNegotiateExtendedSessionSecurity, ntlm::kNegotiate128}) {
    ForgedClient client;
    client.kept_flags = ~flag;
    ExpectRefused(RunForged(client), Reason::kWeakKeyRefused);
  }
}

TEST(FlagDowngrade, KeyExchangeWithoutAKey) {
  ForgedClient client;
  client.kept_flags = ~ntlm::kNegotiateKeyExchange;
  ExchangeSetup setup;
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    SetFlags(message, ntlm::kNegotiateKeyExchange);
  };
  ExpectRefused(RunForged(client, std::move(setup)), Reason::kSessionKeyInvalid);
}

TEST(FlagDowngrade, SessionKeyExchangedForTheAttackers) {
  ExchangeSetup setup;
  setup.parameters.want_sealing = true;
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    std::ranges::fill(SessionKeyIn(message), uint8_t{0});
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kMicInvalid);
}

}  // namespace
}  // namespace epa::test
