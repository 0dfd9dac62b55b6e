// Attacks on a negotiation, and published faults of other implementations.
#include <gtest/gtest.h>

#include "epa/core/security_context.h"
#include "epa/negotiate/negotiate.h"
#include "tests/negotiate/fake_mechanisms.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::negotiate {
namespace {

using Outcome = MechanismResult::Outcome;
using test::FakeListMic;
using test::FakePackageOptions;
using test::FakeToken;
using test::FromHex;

// The preferred mechanism is struck from the list on its way: the downgrade the proof is for.
TEST(SpnegoAttacks, MechanismStruckFromTheListIsNoticedByBothSides) {
  const auto server = MakeSide(true, {Alpha(), Beta()});
  const auto client = MakeSide(false, {Alpha(), Beta()});
  (void)StepOf(*client, {});
  const auto chosen = StepOf(*server, Init({BetaOid()}));
  const auto begun = StepOf(*client, chosen.token);
  const auto challenge = StepOf(*server, begun.token);
  const auto last = StepOf(*client, challenge.token);
  ASSERT_FALSE(ReadResp(last.token).mic.empty());
  ExpectRejected(StepOf(*server, last.token), Reason::kNegotiationAltered);
  ExpectRejected(
      StepOf(*client,
             Resp({NegState::kAcceptCompleted, {}, {}, FakeListMic(true, ListOf({BetaOid()}))})),
      Reason::kNegotiationAltered);
}

TEST(SpnegoAttacks, ChoiceAlteredOnItsWayNeedsAProofOfTheServers) {
  const auto client = MakeSide(false, {Alpha(), Beta()});
  (void)StepOf(*client, {});
  (void)StepOf(*client, Resp({NegState::kRequestMic, BetaOid()}));
  (void)StepOf(*client, Resp({NegState::kAcceptIncomplete, {}, "challenge"}));
  ExpectRejected(StepOf(*client, Resp({NegState::kAcceptCompleted})), Reason::kNegotiationAltered);
}

TEST(SpnegoAttacks, ChoiceOutsideTheListIsRefused) {
  const auto client = MakeSide(false, {Alpha(), Beta()});
  (void)StepOf(*client, {});
  ExpectRejected(StepOf(*client, Resp({NegState::kRequestMic, UnknownOid()})),
                 Reason::kNegotiationAltered);
}

// No ticket, no Kerberos in the list: nothing was sent yet. Afterwards nothing weaker is tried.
TEST(SpnegoAttacks, NoFallBackOnceAListIsOut) {
  FakePackageOptions beta = Beta();
  beta.created = std::make_shared<int>(0);
  for (const auto& answer :
       {Resp({NegState::kAcceptIncomplete, AlphaOid(), "junk"}), Resp({NegState::kReject})}) {
    const auto client = MakeSide(false, {Alpha(), beta});
    (void)StepOf(*client, {});
    ExpectOutcome(StepOf(*client, answer), Outcome::kRejected);
  }
  EXPECT_EQ(*beta.created, 0);
}

TEST(SpnegoAttacks, NoFallBackAfterAMechanismRejectedTheClient) {
  FakePackageOptions beta = Beta();
  beta.created = std::make_shared<int>(0);
  const auto server = MakeSide(true, {Alpha(), beta});
  const auto end = StepOf(*server, Init({AlphaOid(), BetaOid()}, "wrong"));
  ExpectRejected(end, Reason::kWrongPassword);
  EXPECT_EQ(ReadResp(end.token).state, NegState::kReject);
  ExpectRejected(StepOf(*server, Init({BetaOid()}, "login alice")), Reason::kUnexpectedMessage);
  EXPECT_EQ(*beta.created, 0);
}

TEST(SpnegoAttacks, ARejectionCarriesTheMechanismsErrorToken) {
  const auto server = MakeSide(true, {Alpha()});
  const auto end = StepOf(*server, Init({AlphaOid()}, "wrong-token"));
  EXPECT_EQ(ReadResp(end.token).state, NegState::kReject);
  EXPECT_EQ(ReadResp(end.token).token, "telltale");
}

// CVE-2022-37958, CVE-2025-21295, CVE-2025-47981, CVE-2025-54895, CVE-2026-40355, CVE-2026-40356.
TEST(SpnegoAttacks, NegoExIsSkippedAndItsTokenUnread) {
  const std::vector<uint8_t> negoex = FromHex("060a2b06010401823702021e");
  const auto server = MakeSide(true, {Alpha()});
  std::string token = "NEGOEXTS";
  token.append(32, '\xff');
  const auto answer = StepOf(*server, Init({negoex, AlphaOid()}, token));
  EXPECT_EQ(ReadResp(answer.token).mech, AlphaOid());
  EXPECT_EQ(ReadResp(answer.token).state, NegState::kRequestMic);
  ExpectRejected(StepOf(*MakeSide(true, {Alpha()}), Init({negoex}, token)),
                 Reason::kUnsupportedMechanism);
}

// chimera issue 1234: a mechanism found by its octets anywhere in the token.
TEST(SpnegoAttacks, OidInsideAnotherFieldIsNotAMechanism) {
  const std::vector<uint8_t> oid = AlphaOid();
  const auto server = MakeSide(true, {Alpha()});
  ExpectRejected(StepOf(*server, Init({UnknownOid()}, test::FakeTokenText(oid))),
                 Reason::kUnsupportedMechanism);
}

// CVE-2009-0845, CVE-2010-0628, CVE-2020-8625, CVE-2021-25216: a malformed first token.
TEST(SpnegoAttacks, EveryTruncationOfAFirstTokenIsMalformed) {
  const auto token = Init({AlphaOid(), BetaOid()}, "hello");
  for (size_t size = 1; size < token.size(); ++size) {
    const std::vector<uint8_t> cut(token.begin(), token.begin() + static_cast<ptrdiff_t>(size));
    ExpectRejected(StepOf(*MakeSide(true, {Alpha()}), cut), Reason::kMalformedToken);
  }
}

// CVE-2014-4343: the server names another mechanism than the one that has begun.
TEST(SpnegoAttacks, SwitchInTheMiddleOfAnExchangeChangesNothing) {
  FakePackageOptions beta = Beta();
  beta.created = std::make_shared<int>(0);
  const auto client = MakeSide(false, {Alpha(), beta});
  (void)StepOf(*client, {});
  (void)StepOf(*client, Resp({NegState::kAcceptIncomplete, AlphaOid(), "again"}));
  (void)StepOf(*client, Resp({NegState::kRequestMic, BetaOid(), "again"}));
  EXPECT_EQ(*beta.created, 0);
  EXPECT_EQ(client->package_name(), "Alpha");
}

TEST(SpnegoAttacks, SecondSwitchIsNoSwitch) {
  const auto client = MakeSide(false, {Alpha(), Beta()});
  (void)StepOf(*client, {});
  (void)StepOf(*client, Resp({NegState::kRequestMic, BetaOid()}));
  ExpectRejected(StepOf(*client, Resp({NegState::kRequestMic, AlphaOid()})),
                 Reason::kMalformedToken);
}

// CVE-2014-4344.
TEST(SpnegoAttacks, EmptyContinuationIsMalformed) {
  for (const auto& empty : {std::vector<uint8_t>(), Resp({}), FromHex("a1063004a2020400")}) {
    const auto server = MakeSide(true, {Alpha()});
    (void)StepOf(*server, Init({AlphaOid()}, "hello"));
    ExpectRejected(StepOf(*server, empty), Reason::kMalformedToken);
  }
}

// CVE-2015-2695, CVE-2015-2696: questions to a context that is not established. Those to every
// state are in state_event_test.cc; here through the context that programs hold.
TEST(SpnegoAttacks, QuestionsBeforeTheEndFail) {
  AcceptOptions options;
  options.credentials = *CreateAcceptorCredentials({test::MakeFakeCredentials(Alpha())});
  options.policy = std::make_shared<ExtendedProtectionPolicy>(
      *ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy}));
  options.channel = Channel::Plain();
  options.audit = NoAudit();
  const auto context = *SecurityContext::Accept(std::move(options));
  for (const auto& token : {std::vector<uint8_t>(), Init({AlphaOid()}, "hello")}) {
    ASSERT_OK(context->Step(token));
    EXPECT_FALSE(context->peer().ok());
    EXPECT_FALSE(context->package_name().ok());
    EXPECT_FALSE(context->evidence().ok());
    EXPECT_FALSE(context->ExportSessionKey().ok());
    EXPECT_FALSE(context->message_protection().ok());
    EXPECT_FALSE(context->Wrap({}).ok());
  }
}

// CVE-2017-11462: an exchange that failed is still there to be asked.
TEST(SpnegoAttacks, FailedExchangeCanBeAskedAndSteppedAgain) {
  const auto server = MakeSide(true, {Alpha()});
  (void)StepOf(*server, Init({AlphaOid()}, "hello"));
  EXPECT_FALSE(server->Step(Resp({{}, {}, "fault"})).ok());
  EXPECT_EQ(server->package_name(), "Alpha");
  EXPECT_FALSE(server->ExportSessionKey().ok());
  ExpectRejected(StepOf(*server, Resp({{}, {}, "login alice"})), Reason::kUnexpectedMessage);
}

// CVE-2021-44758, CVE-2022-3116: the preferred mechanism is missing, or there is no token for it.
TEST(SpnegoAttacks, ListWithoutATokenOrWithoutUs) {
  for (const auto& list : {ListOf({AlphaOid()}), ListOf({UnknownOid(), AlphaOid()})}) {
    const auto server = MakeSide(true, {Alpha()});
    const auto answer = StepOf(*server, WriteNegTokenInit(list, {}));
    ExpectOutcome(answer, Outcome::kContinue);
    EXPECT_TRUE(ReadResp(answer.token).token.empty());
    EXPECT_EQ(ReadResp(answer.token).mech, AlphaOid());
  }
}

// CVE-2024-26594, CVE-2026-31610: a proof out of bounds behind a token that would log in.
TEST(SpnegoAttacks, NothingOfATokenIsReadBeforeAllOfItWasParsed) {
  const auto server = MakeSide(true, {Alpha()});
  (void)StepOf(*server, Init({AlphaOid()}));
  auto token = Resp({{}, {}, "login mallory", FakeToken("mic")});
  token.end()[-4] = 0x7f;  // the mechListMIC's length
  ExpectRejected(StepOf(*server, token), Reason::kMalformedToken);
  EXPECT_NE(server->identity().account()->user, "mallory");
}

}  // namespace
}  // namespace epa::negotiate
