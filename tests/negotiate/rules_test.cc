// The rules of RFC 4178 and [MS-SPNG] one by one.
#include <gtest/gtest.h>

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

const std::vector<uint8_t> kKerberosOid = FromHex("06092a864886f712010202");
const std::vector<uint8_t> kWindowsKerberosOid = FromHex("06092a864882f712010202");

FakePackageOptions KerberosLike() {
  FakePackageOptions options = Alpha();
  options.info.mechanism_oids = {kKerberosOid, kWindowsKerberosOid};
  return options;
}

// [MS-SPNG] 3.2.5.1 note: Windows' clients fail on any other spelling than their own.
TEST(SpnegoRules, WindowsKerberosOidIsAnsweredAsTheClientSpelledIt) {
  const auto server = MakeSide(true, {KerberosLike()});
  const auto answer =
      StepOf(*server, Init({kWindowsKerberosOid, kKerberosOid, UnknownOid()}, "hello"));
  ExpectOutcome(answer, Outcome::kContinue);
  EXPECT_EQ(ReadResp(answer.token).mech, kWindowsKerberosOid);
  EXPECT_EQ(ReadResp(answer.token).state, NegState::kAcceptIncomplete);
}

TEST(SpnegoRules, EitherKerberosOidIsTheSameMechanismToAClient) {
  const auto client = MakeSide(false, {KerberosLike()});
  (void)StepOf(*client, {});
  const auto last = StepOf(*client, Resp({NegState::kAcceptCompleted, kWindowsKerberosOid, "end"}));
  ExpectOutcome(last, Outcome::kVerified);
}

TEST(SpnegoRules, SupportedMechIsInTheFirstAnswerOnly) {
  const auto server = MakeSide(true, {Alpha()});
  const auto first = StepOf(*server, Init({AlphaOid()}, "hello"));
  EXPECT_EQ(ReadResp(first.token).mech, AlphaOid());
  const auto second = StepOf(*server, Resp({{}, {}, "hello"}));
  EXPECT_TRUE(ReadResp(second.token).mech.empty());
}

TEST(SpnegoRules, LaterSupportedMechIsIgnored) {
  const auto client = MakeSide(false, {Alpha(), Beta()});
  (void)StepOf(*client, {});
  (void)StepOf(*client, Resp({NegState::kAcceptIncomplete, AlphaOid(), "again"}));
  ExpectOutcome(StepOf(*client, Resp({NegState::kAcceptCompleted, BetaOid(), "end"})),
                Outcome::kVerified);
  EXPECT_EQ(client->package_name(), "Alpha");
}

// Some implementations in Java answer with a responseToken alone.
TEST(SpnegoRules, MissingSupportedMechAndStateAreTolerated) {
  const auto client = MakeSide(false, {Alpha(), Beta()});
  (void)StepOf(*client, {});
  ExpectOutcome(StepOf(*client, Resp({{}, {}, "end"})), Outcome::kVerified);
}

TEST(SpnegoRules, RequestFlagsAreIgnored) {
  // NegTokenInit { mechTypes { alpha }, reqFlags mutual, mechToken "hello" }.
  const auto init = FromHex(
      "602406062b0601050502a01a3018a007300506032a0301a104030205"
      "40a207040568656c6c6f");
  const auto parsed = ParseNegTokenInit(init);
  ASSERT_OK(parsed);
  ASSERT_TRUE(parsed->req_flags.has_value());
  const auto server = MakeSide(true, {Alpha()});
  const auto with_flags = StepOf(*server, init);
  const auto without = StepOf(*MakeSide(true, {Alpha()}), Init({AlphaOid()}, "hello"));
  ExpectOutcome(with_flags, Outcome::kContinue);
  EXPECT_EQ(with_flags.token, without.token);
}

TEST(SpnegoRules, AServerThatChoosesAgainAsksForTheProofAndReadsNoToken) {
  const auto server = MakeSide(true, {Beta()});
  const auto answer = ReadResp(StepOf(*server, Init({AlphaOid(), BetaOid()}, "login eve")).token);
  EXPECT_EQ(answer.state, NegState::kRequestMic);
  EXPECT_EQ(answer.mech, BetaOid());
  EXPECT_TRUE(answer.token.empty());
}

TEST(SpnegoRules, AServerThatChoosesAgainWithAcceptIncompleteIsTolerated) {
  const auto client = MakeSide(false, {Alpha(), Beta()});
  const auto list = ListOf({AlphaOid(), BetaOid()});
  (void)StepOf(*client, {});
  const auto begun = StepOf(*client, Resp({NegState::kAcceptIncomplete, BetaOid()}));
  ExpectOutcome(begun, Outcome::kContinue);
  EXPECT_EQ(ReadResp(begun.token).token, "hello");
  const auto last = StepOf(*client, Resp({NegState::kAcceptIncomplete, {}, "challenge"}));
  EXPECT_EQ(ReadResp(last.token).mic, FakeListMic(false, list));
  ExpectOutcome(
      StepOf(*client, Resp({NegState::kAcceptCompleted, {}, {}, FakeListMic(true, list)})),
      Outcome::kVerified);
  EXPECT_EQ(client->package_name(), "Beta");
}

TEST(SpnegoRules, BareTokensAreAnsweredBare) {
  const auto server = MakeSide(true, {Alpha()});
  const auto answer = StepOf(*server, FakeToken("hello"));
  EXPECT_EQ(test::FakeTokenText(answer.token), "challenge");
  const auto last = StepOf(*server, FakeToken("mutual alice"));
  ExpectOutcome(last, Outcome::kVerified);
  EXPECT_EQ(test::FakeTokenText(last.token), "welcome");
}

// A package that claims every token does not get ours.
TEST(SpnegoRules, WellFormedSpnegoIsNeverABareToken) {
  FakePackageOptions greedy = Alpha();
  greedy.recognizes = nullptr;
  const auto server = MakeSide(true, {greedy});
  EXPECT_EQ(ReadResp(StepOf(*server, Init({AlphaOid()}, "hello")).token).token, "challenge");
}

// IIS: a bare "Negotiate" once the client is in.
TEST(SpnegoRules, NothingAfterTheLastTokenIsTolerated) {
  const auto client = MakeSide(false, {Alpha()});
  (void)StepOf(*client, {});
  (void)StepOf(*client, Resp({NegState::kAcceptIncomplete, AlphaOid(), "challenge"}));
  ExpectOutcome(StepOf(*client, {}), Outcome::kVerified);
}

TEST(SpnegoRules, NothingAfterTheLastTokenIsNoProofOfASwitch) {
  const auto client = MakeSide(false, {Alpha(), Beta()});
  (void)StepOf(*client, {});
  (void)StepOf(*client, Resp({NegState::kRequestMic, BetaOid()}));
  (void)StepOf(*client, Resp({NegState::kAcceptIncomplete, {}, "challenge"}));
  ExpectRejected(StepOf(*client, {}), Reason::kNegotiationAltered);
}

TEST(SpnegoRules, HintsGoOutOnceAndBindNobody) {
  const auto server = MakeSide(true, {Alpha(), Beta()});
  const auto hints = StepOf(*server, {});
  const auto init2 = ParseNegTokenInit(hints.token);
  ASSERT_OK(init2);
  EXPECT_EQ(init2->mech_types.size(), 2u);
  // A client that has something else offers what it has.
  const auto client = MakeSide(false, {Beta()});
  const auto init = StepOf(*client, hints.token);
  ExpectOutcome(init, Outcome::kContinue);
  EXPECT_EQ(ReadResp(StepOf(*server, init.token).token).mech, BetaOid());
}

// Windows 2000 repeats its token where the proof belongs.
TEST(SpnegoRules, AProofThatRepeatsTheTokenIsNone) {
  const auto client = MakeSide(false, {Alpha()});
  (void)StepOf(*client, {});
  ExpectOutcome(
      StepOf(*client, Resp({NegState::kAcceptCompleted, AlphaOid(), "end", FakeToken("end")})),
      Outcome::kVerified);
}

TEST(SpnegoRules, AProofThatRepeatsTheTokenDoesNotStandForADueOne) {
  const auto server = MakeSide(true, {Beta()});
  (void)StepOf(*server, Init({AlphaOid(), BetaOid()}));
  ExpectRejected(StepOf(*server, Resp({{}, {}, "login alice", FakeToken("login alice")})),
                 Reason::kNegotiationAltered);
}

TEST(SpnegoRules, AProofIsAnsweredWithAProofEvenWhereNoneWasDue) {
  const auto list = ListOf({AlphaOid()});
  const auto server = MakeSide(true, {Alpha()});
  (void)StepOf(*server, Init({AlphaOid()}));
  const auto end = StepOf(*server, Resp({{}, {}, "login alice", FakeListMic(false, list)}));
  ExpectOutcome(end, Outcome::kVerified);
  EXPECT_EQ(ReadResp(end.token).mic, FakeListMic(true, list));

  const auto client = MakeSide(false, {Alpha()});
  (void)StepOf(*client, {});
  const auto last = StepOf(
      *client, Resp({NegState::kAcceptIncomplete, AlphaOid(), "end", FakeListMic(true, list)}));
  ExpectOutcome(last, Outcome::kVerified);
  EXPECT_EQ(ReadResp(last.token).mic, FakeListMic(false, list));
  EXPECT_EQ(ReadResp(last.token).state, NegState::kAcceptCompleted);
}

// Windows' servers put a proof beside "accept-completed"; nobody waits for an answer.
TEST(SpnegoRules, AProofOfAServerThatHasEndedIsCheckedAndNotAnswered) {
  const auto list = ListOf({AlphaOid()});
  const auto client = MakeSide(false, {Alpha()});
  (void)StepOf(*client, {});
  const auto end = StepOf(
      *client, Resp({NegState::kAcceptCompleted, AlphaOid(), "end", FakeListMic(true, list)}));
  ExpectOutcome(end, Outcome::kVerified);
  EXPECT_TRUE(end.token.empty());
}

TEST(SpnegoRules, ASecondProofIsRefused) {
  const auto list = ListOf({AlphaOid()});
  const auto server = MakeSide(true, {Alpha()});
  (void)StepOf(*server, Init({AlphaOid()}));
  const auto proof = Resp({{}, {}, "login alice", FakeListMic(false, list)});
  ExpectOutcome(StepOf(*server, proof), Outcome::kVerified);
  ExpectRejected(StepOf(*server, proof), Reason::kUnexpectedMessage);
}

TEST(SpnegoRules, TheServersOwnProofReflectedIsRefused) {
  const auto list = ListOf({AlphaOid(), BetaOid()});
  const auto server = MakeSide(true, {Beta()});
  (void)StepOf(*server, Init({AlphaOid(), BetaOid()}));
  const auto answer = StepOf(*server, Resp({{}, {}, "mutual alice"}));
  ASSERT_EQ(ReadResp(answer.token).mic, FakeListMic(true, list));
  ExpectRejected(StepOf(*server, Resp({{}, {}, {}, ReadResp(answer.token).mic})),
                 Reason::kNegotiationAltered);
}

// RFC 4178 5 (b) I: a client that says that it has ended is sent nothing more.
TEST(SpnegoRules, AfterBothProofsNothingIsSentToAClientThatHasEnded) {
  const auto list = ListOf({AlphaOid(), BetaOid()});
  for (const bool ended : {true, false}) {
    const auto server = MakeSide(true, {Beta()});
    (void)StepOf(*server, Init({AlphaOid(), BetaOid()}));
    (void)StepOf(*server, Resp({{}, {}, "mutual alice"}));
    const auto state = ended ? NegState::kAcceptCompleted : NegState::kAcceptIncomplete;
    const auto end = StepOf(*server, Resp({state, {}, {}, FakeListMic(false, list)}));
    ExpectOutcome(end, Outcome::kVerified);
    EXPECT_EQ(end.token.empty(), ended);
  }
}

// RFC 4178 5 (c) IV.
TEST(SpnegoRules, AnOnlyTokenIsProvedWithTheFirstAnswer) {
  const auto list = ListOf({AlphaOid()});
  FakePackageOptions alpha = Alpha();
  alpha.demands_list_mic = true;
  alpha.initiator = OneTokenScript;
  const auto server = MakeSide(true, {alpha});
  const auto client = MakeSide(false, {alpha});
  const auto answer = StepOf(*server, StepOf(*client, {}).token);
  ExpectOutcome(answer, Outcome::kProven);
  EXPECT_EQ(ReadResp(answer.token).state, NegState::kRequestMic);
  const auto proof = StepOf(*client, answer.token);
  ExpectOutcome(proof, Outcome::kVerified);
  EXPECT_EQ(ReadResp(proof.token).mic, FakeListMic(false, list));
  ExpectOutcome(StepOf(*server, proof.token), Outcome::kVerified);
}

TEST(SpnegoRules, AProofThatTheServerAskedForOnceIsDueToTheEnd) {
  const auto list = ListOf({AlphaOid()});
  const auto client = MakeSide(false, {Alpha()});
  (void)StepOf(*client, {});
  (void)StepOf(*client, Resp({NegState::kRequestMic, AlphaOid(), "again"}));
  const auto last = StepOf(*client, Resp({NegState::kAcceptIncomplete, {}, "challenge"}));
  EXPECT_EQ(ReadResp(last.token).mic, FakeListMic(false, list));
  ExpectRejected(StepOf(*client, Resp({NegState::kAcceptCompleted})), Reason::kNegotiationAltered);
}

// [MS-SPNG] 3.1.5.4: the mechanism decides (NTLM with a MIC of its own). A client that sends none
// unasked is sent the server's.
TEST(SpnegoRules, AMechanismMayDemandTheProofOfItsPeer) {
  FakePackageOptions alpha = Alpha();
  alpha.demands_list_mic = true;
  const auto list = ListOf({AlphaOid()});
  const auto client_mic = FakeListMic(false, list);
  const auto ask = [&alpha] {
    auto server = MakeSide(true, {alpha});
    (void)StepOf(*server, Init({AlphaOid()}, "hello"));
    return server;
  };
  const auto server = ask();
  const auto answer = StepOf(*server, Resp({{}, {}, "login alice"}));
  ExpectOutcome(answer, Outcome::kProven);
  EXPECT_EQ(ReadResp(answer.token).state, NegState::kAcceptIncomplete);
  EXPECT_EQ(ReadResp(answer.token).mic, FakeListMic(true, list));
  EXPECT_FALSE(server->ExportSessionKey().ok());
  ExpectOutcome(StepOf(*server, Resp({NegState::kAcceptCompleted, {}, {}, client_mic})),
                Outcome::kVerified);
  for (const auto& mic : {std::vector<uint8_t>(), FakeListMic(true, list)}) {
    const auto refusing = ask();
    (void)StepOf(*refusing, Resp({{}, {}, "login alice"}));
    ExpectRejected(StepOf(*refusing, Resp({NegState::kAcceptCompleted, {}, {}, mic})),
                   Reason::kNegotiationAltered);
  }
}

TEST(SpnegoRules, AClientAnswersTheProofItDidNotAskFor) {
  FakePackageOptions alpha = Alpha();
  const auto client = MakeSide(false, {alpha});
  alpha.demands_list_mic = true;
  const auto server = MakeSide(true, {alpha});
  auto answer = StepOf(*server, StepOf(*client, {}).token);
  answer = StepOf(*server, StepOf(*client, answer.token).token);
  ExpectOutcome(answer, Outcome::kProven);
  const auto last = StepOf(*client, answer.token);
  ExpectOutcome(last, Outcome::kVerified);
  ExpectOutcome(StepOf(*server, last.token), Outcome::kVerified);
}

// A guest's password is not the server's business, so neither is the key its MIC was made with.
TEST(SpnegoRules, NoProofIsAskedOfAGuest) {
  FakePackageOptions guests = Alpha();
  guests.login.identity = PeerIdentity::Guest();
  guests.demands_list_mic = true;
  for (const std::vector<uint8_t>& mic : {FakeListMic(true, ListOf({AlphaOid()})), FromHex("00")}) {
    const auto server = MakeSide(true, {guests});
    (void)StepOf(*server, Init({AlphaOid()}, "hello"));
    const auto last = StepOf(*server, Resp({{}, {}, "login bob", mic}));
    ExpectOutcome(last, Outcome::kVerified);
    EXPECT_EQ(ReadResp(last.token).state, NegState::kAcceptCompleted);
    EXPECT_TRUE(ReadResp(last.token).mic.empty());
    EXPECT_EQ(server->identity().kind(), IdentityKind::kGuest);
  }
}

TEST(SpnegoRules, AMechanismThatCannotSignCannotBeSwitchedTo) {
  FakePackageOptions beta = Beta();
  beta.signs_lists = false;
  const auto client = MakeSide(false, {Alpha(), beta});
  (void)StepOf(*client, {});
  (void)StepOf(*client, Resp({NegState::kRequestMic, BetaOid()}));
  ExpectRejected(StepOf(*client, Resp({NegState::kAcceptIncomplete, {}, "challenge"})),
                 Reason::kNegotiationAltered);
  const auto server = MakeSide(true, {beta});
  (void)StepOf(*server, Init({AlphaOid(), BetaOid()}));
  ExpectRejected(StepOf(*server, Resp({{}, {}, "mutual alice"})), Reason::kNegotiationAltered);
}

// Filers' lengths are longer than they need be; the proof covers the list as it was sent.
TEST(SpnegoRules, TheProofCoversTheListAsItWasSent) {
  const auto list = FromHex("3084000000060681032a0301");
  const auto server = MakeSide(true, {Alpha()});
  ExpectOutcome(StepOf(*server, WriteNegTokenInit(list, FakeToken("hello"))), Outcome::kContinue);
  const auto last = StepOf(*server, Resp({{}, {}, "login alice", FakeListMic(false, list)}));
  ExpectOutcome(last, Outcome::kVerified);
  EXPECT_EQ(ReadResp(last.token).mic, FakeListMic(true, list));
}

TEST(SpnegoRules, TokensLongerThanTheLimitAreRefused) {
  const std::vector<uint8_t> longest(NegotiatePackageInfo().max_token_size);
  std::vector<uint8_t> longer = longest;
  longer.push_back(0);
  for (const bool acceptor : {true, false}) {
    ExpectRejected(StepOf(*MakeSide(acceptor, {Alpha()}), longest), Reason::kMalformedToken);
    ExpectRejected(StepOf(*MakeSide(acceptor, {Alpha()}), longer), Reason::kTokenTooLarge);
  }
}

}  // namespace
}  // namespace epa::negotiate
