// Old messages, and one's own.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fixed_clock.h"
#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::test {
namespace {

using ntlm::AvId;
using ntlm::ReflectionGuard;

// CVE-2010-0231: a challenge that can be foreseen lets an old answer fit.
TEST(Replay, TenThousandChallengesAreAllDifferent) {
  const TestServer server({}, {});
  const std::vector<uint8_t> negotiate = ForgedClient().Negotiate();
  std::set<std::vector<uint8_t>> seen;
  for (int i = 0; i < 10'000; ++i) {
    const auto context = server.Accept();
    std::vector<uint8_t> challenge = StepOrDie(*context, negotiate).token;
    const auto octets = ServerChallengeOf(challenge);
    seen.emplace(octets.begin(), octets.end());
  }
  EXPECT_EQ(seen.size(), 10'000u);
}

TEST(Replay, OnTheSameConnectionIsNotTaken) {
  const Exchange exchange = RunExchange({});
  ExpectEstablished(exchange);
  EXPECT_THAT(exchange.server->Step(exchange.authenticate),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ExpectEstablished(exchange);
}

TEST(Replay, OnAnotherConnection) {
  const TestServer server({}, {});
  const ForgedClient client;
  const std::vector<uint8_t> negotiate = client.Negotiate();
  const auto first = server.Accept();
  const std::vector<uint8_t> answer =
      client.Authenticate(negotiate, StepOrDie(*first, negotiate).token);
  EXPECT_EQ(StepOrDie(*first, answer).state, StepState::kEstablished);
  const auto second = server.Accept();
  EXPECT_EQ(StepOrDie(*second, negotiate).state, StepState::kContinue);
  EXPECT_EQ(StepOrDie(*second, answer).state, StepState::kRejected);
  EXPECT_EQ(second->reason(), Reason::kWrongPassword);
}

TEST(Replay, AsTheFirstMessageOfAConnection) {
  const TestServer server({}, {});
  const Exchange exchange = RunExchange({});
  const auto context = server.Accept();
  EXPECT_EQ(StepOrDie(*context, exchange.authenticate).state, StepState::kRejected);
  EXPECT_EQ(context->reason(), Reason::kUnexpectedMessage);
}

TEST(Replay, AfterTheChallengeExpired) {
  FixedClock clock;
  for (const bool late : {false, true}) {
    ExchangeSetup setup;
    setup.acceptor.clock = &clock;
    setup.on_challenge = [&](std::vector<uint8_t>&) { clock.AdvanceSeconds(late ? 301 : 300); };
    const Exchange exchange = RunExchange(std::move(setup));
    if (late) {
      ExpectRefused(exchange, Reason::kChallengeExpired);
    } else {
      ExpectEstablished(exchange);
    }
  }
}

// A challenge's age is not read off a clock that somebody sets.
TEST(Replay, SettingTheClockMakesNoChallengeOlderOrYounger) {
  constexpr uint64_t kYear = 365 * 86'400 * kTicksPerSecond;
  for (const FileTime now :
       {FixedClock::kDefault - 1, FixedClock::kDefault - kYear, FixedClock::kDefault + kYear}) {
    FixedClock clock;
    ExchangeSetup setup;
    setup.acceptor.clock = &clock;
    setup.on_challenge = [&](std::vector<uint8_t>&) { clock.Set(now); };
    ExpectEstablished(RunExchange(std::move(setup)));
  }
  FixedClock clock;
  ExchangeSetup setup;
  setup.acceptor.clock = &clock;
  setup.on_challenge = [&](std::vector<uint8_t>&) {
    clock.AdvanceSeconds(301);
    clock.Set(FixedClock::kDefault);
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kChallengeExpired);
}

ExchangeSetup Guarded(const std::shared_ptr<ReflectionGuard>& server,
                      const std::shared_ptr<ReflectionGuard>& client) {
  ExchangeSetup setup;
  setup.acceptor.reflection_guard = server;
  setup.initiator.reflection_guard = client;
  return setup;
}

// CVE-2008-4037 (SMB), CVE-2009-0550 (HTTP), CVE-2009-1930 (Telnet), CVE-2025-33073: the victim
// is sent a challenge that its own server made.
TEST(Reflection, OurClientDoesNotAnswerOurServersChallenge) {
  const auto guard = std::make_shared<ReflectionGuard>();
  const Exchange exchange = RunExchange(Guarded(guard, guard));
  EXPECT_EQ(exchange.client_result.state, StepState::kRejected);
  EXPECT_TRUE(exchange.client_result.token.empty());
  EXPECT_EQ(exchange.client->reason(), Reason::kReflectedChallenge);
  EXPECT_TRUE(exchange.audit->events.empty());
}

// The other way round: where the client cannot know the challenge, its mark tells the server.
TEST(Reflection, OurServerDoesNotTakeOurOwnMark) {
  const auto guard = std::make_shared<ReflectionGuard>();
  ForgedClient client;
  client.edit_pairs = [&guard](ForgedPairs& pairs) {
    // Size, Z4, custom data and the machine's identifier: [MS-NLMP] 2.2.2.2.
    std::vector<uint8_t> value(16);
    value[0] = 48;
    value.insert(value.end(), guard->machine_id().begin(), guard->machine_id().end());
    pairs.push_back({AvId::kSingleHost, std::move(value)});
  };
  ExpectRefused(RunForged(client, Guarded(guard, nullptr)), Reason::kReflectedChallenge);
  ExpectEstablished(RunForged(client, Guarded(std::make_shared<ReflectionGuard>(), nullptr)));
}

TEST(Reflection, StrangersWithGuardsOfTheirOwnGetAlong) {
  ExpectEstablished(RunExchange(
      Guarded(std::make_shared<ReflectionGuard>(), std::make_shared<ReflectionGuard>())));
}

TEST(Reflection, TheMarkCannotBeAltered) {
  ExchangeSetup setup =
      Guarded(std::make_shared<ReflectionGuard>(), std::make_shared<ReflectionGuard>());
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    AvValueIn(message, AvId::kSingleHost)[47] ^= 1;
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kWrongPassword);
}

// An attacker's own mark, planted in the challenge, does not replace the client's.
TEST(Reflection, APlantedMarkIsThrownAway) {
  const auto guard = std::make_shared<ReflectionGuard>();
  ExchangeSetup setup = Guarded(nullptr, guard);
  setup.on_challenge = [](std::vector<uint8_t>& message) {
    EditTargetInfo(message, [](ForgedPairs& pairs) {
      std::vector<uint8_t> value(48);
      value[0] = 48;
      pairs.push_back({AvId::kSingleHost, std::move(value)});
    });
  };
  setup.on_authenticate = [&guard](std::vector<uint8_t>& message) {
    EXPECT_TRUE(
        std::ranges::equal(AvValueIn(message, AvId::kSingleHost).subspan(16), guard->machine_id()));
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kMicInvalid);
}

// CVE-2025-33073 at the server: the name that carries a marshalled target is nobody's.
TEST(Reflection, MarshalledTargetNameIsNotOurs) {
  ExchangeSetup setup;
  setup.server_channel = Channel::Plain();
  setup.policy.accepted_names = AcceptedServiceNames::Create({"cifs/server.example.com"}).value();
  ForgedClient client;
  client.target_name = "cifs/server.example.com1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAwbEAYBAAAA";
  ExpectRefused(RunForged(client, std::move(setup)), Reason::kServiceNameMismatch);
}

TEST(Reflection, TheGuardForgetsTheOldestOnly) {
  ReflectionGuard guard(4);
  const auto challenge = [](uint8_t i) { return std::array<uint8_t, 8>{i, 7}; };
  for (uint8_t i = 1; i <= 5; ++i) {
    guard.RecordIssued(challenge(i));
  }
  EXPECT_FALSE(guard.IsOurs(challenge(1)));
  for (uint8_t i = 2; i <= 5; ++i) {
    EXPECT_TRUE(guard.IsOurs(challenge(i)));
  }
}

}  // namespace
}  // namespace epa::test
