// Packages beneath a negotiation that need time, or cannot begin.
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
