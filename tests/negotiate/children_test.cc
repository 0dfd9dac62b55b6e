// Packages beneath a negotiation that need time, or cannot begin.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/negotiate/fake_mechanisms.h"
#include "tests/support/status_matchers.h"

namespace epa::negotiate {
namespace {

using Outcome = MechanismResult::Outcome;
using test::FakeListMic;
using test::FakePackageOptions;
using test::FakeToken;

TEST(SpnegoChildren, PendingWorkOfTheServersMechanism) {
  const auto list = ListOf({AlphaOid()});
  const auto server = MakeSide(true, {Alpha()});
  const auto challenge = RunPending(*server, StepOf(*server, Init({AlphaOid()}, "ask-hello")));
  EXPECT_EQ(ReadResp(challenge.token).token, "challenge");
  const auto end =
      RunPending(*server, StepOf(*server, Resp({{}, {}, "ask alice", FakeListMic(false, list)})));
  ExpectOutcome(end, Outcome::kVerified);
  EXPECT_EQ(ReadResp(end.token).mic, FakeListMic(true, list));
}

TEST(SpnegoChildren, PendingWorkOfABareMechanism) {
  FakePackageOptions alpha = Alpha();
  alpha.recognizes = nullptr;
  const auto server = MakeSide(true, {alpha});
  ExpectOutcome(RunPending(*server, StepOf(*server, FakeToken("ask alice"))), Outcome::kVerified);
  EXPECT_EQ(server->identity().account()->user, "alice");
}

test::FakeScript Asking(MechanismResult (*then)()) {
  return [then](std::string_view token, int step,
                test::FakeLogin& login) -> absl::StatusOr<MechanismResult> {
    if (step != 0) {
      return InitiatorScript(token, step, login);
    }
    return test::FakePending([then](test::FakeLogin&) { return then(); });
  };
}

TEST(SpnegoChildren, PendingWorkOfTheClientsMechanism) {
  FakePackageOptions alpha = Alpha();
  alpha.initiator = Asking([] { return MechanismResult::Continue(FakeToken("hello")); });
  const auto client = MakeSide(false, {alpha});
  const auto init = RunPending(*client, StepOf(*client, {}));
  const auto parsed = ParseNegTokenInit(init.token);
  ASSERT_OK(parsed);
  EXPECT_EQ(test::FakeTokenText(*parsed->mech_token), "hello");
}

TEST(SpnegoChildren, PendingWorkOfTheMechanismSwitchedTo) {
  FakePackageOptions beta = Beta();
  beta.initiator = Asking([] { return MechanismResult::Continue(FakeToken("hello")); });
  const auto client = MakeSide(false, {Alpha(), beta});
  (void)StepOf(*client, {});
  const auto begun = RunPending(*client, StepOf(*client, Resp({NegState::kRequestMic, BetaOid()})));
  EXPECT_EQ(ReadResp(begun.token).token, "hello");
}

// No ticket to be had, now or after asking: the package is not in the list.
TEST(SpnegoChildren, PackageThatCannotBeginIsLeftOut) {
  FakePackageOptions refused = Alpha();
  refused.initiator = Asking([] { return MechanismResult::Rejected(Reason::kNoCredentials); });
  FakePackageOptions faulty = Alpha();
  faulty.creation = absl::UnavailableError("no cache");
  for (const FakePackageOptions& alpha : {refused, faulty}) {
    const auto client = MakeSide(false, {alpha, Beta()});
    auto init = StepOf(*client, {});
    if (init.outcome == Outcome::kPending) {
      init = RunPending(*client, std::move(init));
    }
    const auto parsed = ParseNegTokenInit(init.token);
    ASSERT_OK(parsed);
    EXPECT_EQ(parsed->mech_types.size(), 1u);
    // Not offered, so not to be chosen.
    ExpectRejected(StepOf(*client, Resp({NegState::kRequestMic, AlphaOid()})),
                   Reason::kNegotiationAltered);
  }
}

TEST(SpnegoChildren, WhyAPackageWasPassedOverIsKept) {
  FakePackageOptions refused = Alpha();
  refused.initiator =
      Asking([] { return MechanismResult::Rejected(Reason::kTargetUnknown, "Server not found"); });
  FakePackageOptions faulty = Alpha();
  faulty.creation = absl::UnavailableError("no KDC answers");
  for (const auto& [alpha, why] :
       {std::pair(refused, "Server not found"), std::pair(faulty, "no KDC answers")}) {
    FakePackageOptions beta = Beta();
    beta.parameters = std::make_shared<InitiatorParameters>();
    const auto client = MakeSide(false, {alpha, beta});
    EXPECT_EQ(client->passed_over(), "");
    auto init = StepOf(*client, {});
    if (init.outcome == Outcome::kPending) {
      init = RunPending(*client, std::move(init));
    }
    ExpectOutcome(init, Outcome::kContinue);
    EXPECT_THAT(std::string(client->passed_over()),
                ::testing::AllOf(::testing::HasSubstr(std::string(alpha.info.name) + ": "),
                                 ::testing::HasSubstr(why)));
    EXPECT_EQ(beta.parameters->passed_over, client->passed_over());
  }
}

// The next package would try the same password again, which counts.
TEST(SpnegoChildren, WhatTheFirstPackageWasToldOfTheAccountIsTheEnd) {
  const auto told = [](Reason reason) {
    FakePackageOptions alpha = Alpha();
    alpha.initiator = [reason](std::string_view, int, test::FakeLogin&) {
      return MechanismResult::Rejected(reason, "says the KDC");
    };
    FakePackageOptions beta = Beta();
    beta.created = std::make_shared<int>(0);
    const auto client = MakeSide(false, {alpha, beta});
    const auto result = StepOf(*client, {});
    if (*beta.created == 0) {
      ExpectRejected(result, reason);
      EXPECT_EQ(result.detail, "says the KDC");
    }
    return *beta.created == 0;
  };
  for (const Reason reason : {Reason::kWrongPassword, Reason::kAccountDisabled,
                              Reason::kAccountLockedOut, Reason::kPasswordExpired}) {
    EXPECT_TRUE(told(reason)) << ReasonName(reason);
  }
  for (const Reason reason :
       {Reason::kUnknownUser, Reason::kTargetUnknown, Reason::kNoCredentials, Reason::kClockSkew}) {
    EXPECT_FALSE(told(reason)) << ReasonName(reason);
  }
}

// A server that leaves out its proof, in words or without, is one fact; and what a refusal carries
// is told.
TEST(SpnegoChildren, MissingProofIsWhatTheMechanismCallsIt) {
  FakePackageOptions alpha = Alpha();
  alpha.initiator = [](std::string_view token, int step, test::FakeLogin&) {
    if (step == 0) {
      return MechanismResult::Continue(FakeToken("mutual alice"));
    }
    return token.empty()
               ? MechanismResult::Rejected(Reason::kMutualAuthenticationFailed, "no proof")
               : MechanismResult::Rejected(Reason::kRefusedByPeer, "clock skew");
  };
  for (const auto& answer : {std::vector<uint8_t>(), Resp({NegState::kAcceptCompleted, AlphaOid()}),
                             Resp({NegState::kAcceptCompleted, {}})}) {
    const auto client = MakeSide(false, {alpha, Beta()});
    (void)StepOf(*client, {});
    ExpectRejected(StepOf(*client, answer), Reason::kMutualAuthenticationFailed);
  }
  const auto client = MakeSide(false, {alpha, Beta()});
  (void)StepOf(*client, {});
  const auto refused = StepOf(*client, Resp({NegState::kReject, AlphaOid(), "error"}));
  ExpectRejected(refused, Reason::kRefusedByPeer);
  EXPECT_EQ(refused.detail, "clock skew");
}

TEST(SpnegoChildren, EveryPackageIsAskedForTheSameTargetAndForSigning) {
  FakePackageOptions fails = Alpha();
  fails.creation = absl::UnavailableError("no cache");
  FakePackageOptions begins = Alpha();
  for (FakePackageOptions& alpha : std::vector{fails, begins}) {
    FakePackageOptions beta = Beta();
    alpha.parameters = std::make_shared<InitiatorParameters>();
    beta.parameters = std::make_shared<InitiatorParameters>();
    const auto client = MakeSide(false, {alpha, beta});
    (void)StepOf(*client, {});
    (void)StepOf(*client, Resp({NegState::kRequestMic, BetaOid()}));
    for (const auto& parameters : {alpha.parameters, beta.parameters}) {
      EXPECT_EQ(parameters->target_name, kTarget);
      EXPECT_TRUE(parameters->want_signing);
    }
  }
}

TEST(SpnegoChildren, SigningIsNotAskedForWhereProtectionIsForbidden) {
  for (const bool forbidden : {false, true}) {
    FakePackageOptions alpha = Alpha();
    alpha.parameters = std::make_shared<InitiatorParameters>();
    const auto client = MakeSide(false, {alpha}, {.forbid_protection = forbidden});
    (void)StepOf(*client, {});
    EXPECT_EQ(alpha.parameters->want_signing, !forbidden);
  }
}

TEST(SpnegoChildren, NoPackageCanBegin) {
  FakePackageOptions alpha = Alpha();
  alpha.initiator = Asking([] { return MechanismResult::Rejected(Reason::kNoCredentials); });
  const auto client = MakeSide(false, {alpha});
  ExpectRejected(RunPending(*client, StepOf(*client, {})), Reason::kNoCredentials);
  ExpectRejected(StepOf(*client, {}), Reason::kUnexpectedMessage);
}

TEST(SpnegoChildren, MechanismSwitchedToCannotBegin) {
  FakePackageOptions beta = Beta();
  beta.creation = absl::UnavailableError("no cache");
  const auto client = MakeSide(false, {Alpha(), beta});
  (void)StepOf(*client, {});
  EXPECT_FALSE(client->Step(Resp({NegState::kRequestMic, BetaOid()})).ok());
  ExpectRejected(StepOf(*client, Resp({NegState::kRequestMic, BetaOid()})),
                 Reason::kUnexpectedMessage);
}

TEST(SpnegoChildren, ServersPackageCannotBegin) {
  FakePackageOptions alpha = Alpha();
  alpha.creation = absl::UnavailableError("no keytab");
  const auto server = MakeSide(true, {alpha, Beta()});
  EXPECT_FALSE(server->Step(Init({AlphaOid(), BetaOid()}, "hello")).ok());
}

TEST(SpnegoChildren, WorkThatWasNotAskedForIsRefused) {
  EXPECT_FALSE(MakeSide(true, {Alpha()})->Resume(nullptr).ok());
  EXPECT_FALSE(MakeSide(false, {Alpha()})->Resume(nullptr).ok());
}

}  // namespace
}  // namespace epa::negotiate
