#include "epa/http/client_authenticator.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/http_test_support.h"

namespace epa::http {
namespace {

using ::testing::Pair;

using Kind = ClientAction::Kind;

test::FakePackageOptions NtlmLike() {
  test::FakePackageOptions package;
  package.info.name = "NTLM";
  return package;
}

// One message, then the server's proof: "mutual alice", "welcome".
test::FakePackageOptions KerberosLike() {
  test::FakePackageOptions package;
  package.info.name = "Kerberos";
  package.initiator = [](std::string_view token, int step, test::FakeLogin&) {
    if (step == 0) {
      return MechanismResult::Continue(test::FakeToken("mutual alice"));
    }
    return token == "welcome"
               ? MechanismResult::Verified()
               : MechanismResult::Rejected(
                     token.empty() ? Reason::kMutualAuthenticationFailed : Reason::kTicketInvalid,
                     "no proof");
  };
  return package;
}

std::unique_ptr<ClientAuthenticator> MakeClient(test::FakePackageOptions package,
                                                bool proxy = false) {
  const auto credentials = test::MakeFakeCredentials(std::move(package));
  ClientOptions options;
  options.schemes = {{"Negotiate", credentials}, {"NTLM", credentials}};
  options.channel = Channel::Plain();
  options.proxy = proxy;
  return ClientAuthenticator::Create(std::move(options)).value();
}

ClientAction Response(ClientAuthenticator& client, int status,
                      std::vector<std::string> challenges = {},
                      std::optional<std::string_view> persistent_auth = std::nullopt,
                      bool closes = false) {
  ResponseView response;
  response.closes = closes;
  response.status = status;
  response.challenges.assign(challenges.begin(), challenges.end());
  response.persistent_auth = persistent_auth;
  return client.OnResponse(response).value();
}

void ExpectFailed(const ClientAction& action, Reason reason) {
  EXPECT_EQ(action.kind, Kind::kFailed);
  EXPECT_EQ(action.reason, reason) << ReasonName(action.reason);
  EXPECT_NE(action.reason, Reason::kNone);
}

void ExpectOver(ClientAuthenticator& client) {
  EXPECT_TRUE(absl::IsFailedPrecondition(client.OnResponse({401, {"NTLM"}, {}, false}).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(client.OnResponse({200, {}, {}, false}).status()));
}

TEST(ClientAuthenticatorTest, RefusesOptionsThatCannotWork) {
  const auto credentials = test::MakeFakeCredentials();
  const auto refused = [](std::vector<ClientScheme> schemes) {
    ClientOptions options;
    options.schemes = std::move(schemes);
    options.channel = Channel::Plain();
    return absl::IsInvalidArgument(ClientAuthenticator::Create(std::move(options)).status());
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({{"Basic", credentials}}));
  EXPECT_TRUE(refused({{"NTLM", nullptr}}));
  EXPECT_TRUE(absl::IsInvalidArgument(
      ClientAuthenticator::Create({.schemes = {{"NTLM", credentials}}}).status()));
  EXPECT_TRUE(refused({{"NTLM", credentials}, {"NTLM", credentials}}));
  EXPECT_FALSE(refused({{"NTLM", credentials}}));
}

// Before a login.

TEST(ClientAuthenticatorTest, AnswerWithoutChallengeIsTheAnswer) {
  const auto client = MakeClient(NtlmLike());
  for (const int status : {101, 200, 302, 403, 407, 500}) {
    const ClientAction action = Response(*client, status);
    EXPECT_EQ(action.kind, Kind::kDone);
    EXPECT_FALSE(action.logged_in);
  }
  EXPECT_EQ(client->scheme(), "");
  EXPECT_EQ(client->context(), nullptr);
}

TEST(ClientAuthenticatorTest, TakesItsFirstSchemeThatTheServerOffers) {
  const auto both = MakeClient(NtlmLike());
  EXPECT_THAT(Response(*both, 401, {"NTLM", "Basic realm=\"x\"", "negotiate"}).header,
              Pair("Authorization", Negotiate("hello")));
  EXPECT_EQ(both->scheme(), "Negotiate");
  const auto one = MakeClient(NtlmLike());
  EXPECT_THAT(Response(*one, 401, {"Basic realm=\"a, Negotiate\", NTLM"}).header,
              Pair("Authorization", Ntlm("hello")));
  EXPECT_EQ(one->scheme(), "NTLM");
}

TEST(ClientAuthenticatorTest, NoSchemeInCommonFails) {
  for (const char* field : {"Basic realm=\"x\"", "NTLMv2", "NegotiateEx", "DummyScheme", "", "="}) {
    SCOPED_TRACE(field);
    const auto client = MakeClient(NtlmLike());
    ExpectFailed(Response(*client, 401, {field}), Reason::kUnsupportedMechanism);
    ExpectOver(*client);
  }
}

TEST(ClientAuthenticatorTest, MalformedFieldDoesNotHideTheOthers) {
  const auto client = MakeClient(NtlmLike());
  EXPECT_EQ(Response(*client, 401, {"Basic realm=no quotes", "NTLM"}).kind, Kind::kSend);
}

TEST(ClientAuthenticatorTest, FaultyChallengeDoesNotHideItsNeighboursInTheField) {
  const auto client = MakeClient(NtlmLike());
  EXPECT_THAT(Response(*client, 401, {"Basic realm=no quotes, NTLM, Digest x"}).header,
              Pair("Authorization", Ntlm("hello")));
}

TEST(ClientAuthenticatorTest, FaultyOfferIsNone) {
  const auto client = MakeClient(NtlmLike());
  EXPECT_THAT(Response(*client, 401, {"Negotiate ab=cd==, NTLM"}).header,
              Pair("Authorization", Ntlm("hello")));
}

TEST(ClientAuthenticatorTest, InterimResponsesAreSkippedAtEveryPoint) {
  const auto client = MakeClient(NtlmLike());
  const auto skipped = [&client] {
    for (const int status : {100, 102, 103, 199}) {
      EXPECT_EQ(Response(*client, status, {"NTLM"}).kind, Kind::kInterim);
    }
  };
  skipped();
  EXPECT_EQ(Response(*client, 401, {"NTLM"}).kind, Kind::kSend);
  skipped();
  EXPECT_EQ(Response(*client, 401, {Ntlm("challenge")}).kind, Kind::kSend);
  skipped();
  EXPECT_TRUE(Response(*client, 200).logged_in);
  skipped();
  EXPECT_TRUE(client->persistent());
}

TEST(ClientAuthenticatorTest, ConnectionThatEndsWithTheOfferIsMadeAgain) {
  const auto client = MakeClient(NtlmLike());
  EXPECT_EQ(Response(*client, 401, {"NTLM"}, {}, /*closes=*/true).kind, Kind::kReconnect);
  EXPECT_EQ(client->context(), nullptr);
  ExpectOver(*client);
}

TEST(ClientAuthenticatorTest, NothingIsConnectedAgainForAnOfferOfNothing) {
  const auto client = MakeClient(NtlmLike());
  ExpectFailed(Response(*client, 401, {"Basic realm=\"x\""}, {}, /*closes=*/true),
               Reason::kUnsupportedMechanism);
}

TEST(ClientAuthenticatorTest, KerberosIsASchemeOfItsOwn) {
  ClientOptions options;
  options.schemes = {{"Kerberos", test::MakeFakeCredentials(KerberosLike())}};
  options.channel = Channel::Plain();
  const auto client = ClientAuthenticator::Create(std::move(options)).value();
  EXPECT_THAT(Response(*client, 401, {"Negotiate", "kerberos"}).header,
              Pair("Authorization", Field("Kerberos", "mutual alice")));
  EXPECT_TRUE(Response(*client, 200, {Field("Kerberos", "welcome")}).logged_in);
}

TEST(ClientAuthenticatorTest, TokenBeforeTheFirstMessageFails) {
  const auto client = MakeClient(NtlmLike());
  ExpectFailed(Response(*client, 401, {"Negotiate Zm9vYmFy", "NTLM"}), Reason::kUnexpectedMessage);
  EXPECT_EQ(client->context(), nullptr);
}

TEST(ClientAuthenticatorTest, ProxyUses407AndProxyAuthorization) {
  const auto client = MakeClient(NtlmLike(), /*proxy=*/true);
  EXPECT_EQ(Response(*client, 401, {"NTLM"}).kind, Kind::kDone);
  EXPECT_THAT(Response(*client, 407, {"NTLM"}).header, Pair("Proxy-Authorization", Ntlm("hello")));
}

TEST(ClientAuthenticatorTest, FaultOfOursIsAnError) {
  test::FakePackageOptions package = NtlmLike();
  package.creation = absl::UnavailableError("no ticket cache");
  const auto client = MakeClient(std::move(package));
  EXPECT_TRUE(absl::IsUnavailable(client->OnResponse({401, {"NTLM"}, {}, false}).status()));
  ExpectOver(*client);
}

// The two-message login.

class NtlmLoginTest : public ::testing::Test {
 protected:
  NtlmLoginTest() : client_(MakeClient(NtlmLike())) {
    first_ = Response(*client_, 401, {"NTLM"});
    challenge_ = Ntlm("challenge");
  }

  std::unique_ptr<ClientAuthenticator> client_;
  ClientAction first_;
  std::string challenge_;
};

TEST_F(NtlmLoginTest, FirstMessageGoesWithoutTheBodyAndTheLastWithIt) {
  EXPECT_EQ(first_.kind, Kind::kSend);
  EXPECT_TRUE(first_.without_body);
  const ClientAction last = Response(*client_, 401, {challenge_});
  EXPECT_EQ(last.kind, Kind::kSend);
  EXPECT_FALSE(last.without_body);
  EXPECT_THAT(last.header, Pair("Authorization", Ntlm("login alice")));
  const ClientAction answer = Response(*client_, 200);
  EXPECT_EQ(answer.kind, Kind::kDone);
  EXPECT_TRUE(answer.logged_in);
  EXPECT_TRUE(client_->context()->established());
}

TEST_F(NtlmLoginTest, ChallengeInAFoldedListIsFound) {
  EXPECT_EQ(Response(*client_, 401, {"Basic realm=\"x\", " + challenge_}).kind, Kind::kSend);
}

TEST_F(NtlmLoginTest, StatusAfterTheLastMessageSaysWhetherTheUserWasLetIn) {
  const auto let_in = [](int status) {
    const auto client = MakeClient(NtlmLike());
    Response(*client, 401, {"NTLM"});
    Response(*client, 401, {Ntlm("challenge")});
    const ClientAction answer = Response(*client, status);
    EXPECT_EQ(answer.kind, Kind::kDone) << status;
    return answer.logged_in;
  };
  for (const int status : {200, 204, 206, 301, 302, 304, 307, 404, 405, 406, 410}) {
    EXPECT_TRUE(let_in(status)) << status;
  }
  for (const int status : {101, 400, 403, 407, 408, 413, 429, 431, 451, 500, 503, 600}) {
    EXPECT_FALSE(let_in(status)) << status;
  }
}

// A server that demands bindings may answer 403 to the first message, an old proxy 400 or 413.
TEST(ClientAuthenticatorTest, ErrorInReplyToTheFirstMessageIsARefusal) {
  for (const int status : {400, 403, 404, 407, 413, 431, 500}) {
    const auto client = MakeClient(NtlmLike());
    Response(*client, 401, {"NTLM"});
    const ClientAction action = Response(*client, status);
    ExpectFailed(action, Reason::kRefusedByPeer);
    EXPECT_THAT(action.detail, ::testing::HasSubstr(std::to_string(status)));
    ExpectOver(*client);
  }
}

TEST_F(NtlmLoginTest, AnswerBeforeTheLastMessageFails) {
  ExpectFailed(Response(*client_, 200), Reason::kMalformedToken);
  EXPECT_FALSE(client_->context()->established());
  ExpectOver(*client_);
}

TEST_F(NtlmLoginTest, ConnectionThatEndsInTheMiddleFails) {
  ExpectFailed(Response(*client_, 401, {challenge_}, {}, /*closes=*/true), Reason::kRefusedByPeer);
}

TEST_F(NtlmLoginTest, ConnectionMayEndWithTheAnswer) {
  Response(*client_, 401, {challenge_});
  EXPECT_TRUE(Response(*client_, 200, {}, {}, /*closes=*/true).logged_in);
}

TEST_F(NtlmLoginTest, PaddingIsTakenAsItComes) {
  EXPECT_EQ(Response(*client_, 401, {challenge_ + "="}).kind, Kind::kSend);
}

TEST_F(NtlmLoginTest, RefusedAfterTheFirstMessage) {
  ExpectFailed(Response(*client_, 401, {"Negotiate", "NTLM"}), Reason::kRefusedByPeer);
  ExpectOver(*client_);
}

TEST_F(NtlmLoginTest, RefusedAfterTheLastMessageTriesNothingWeaker) {
  Response(*client_, 401, {challenge_});
  ExpectFailed(Response(*client_, 401, {"Negotiate", "NTLM", "Basic realm=\"x\""}),
               Reason::kRefusedByPeer);
  ExpectOver(*client_);
}

TEST_F(NtlmLoginTest, TokenAfterTheLastMessageFails) {
  Response(*client_, 401, {challenge_});
  ExpectFailed(Response(*client_, 401, {challenge_}), Reason::kUnexpectedMessage);
}

TEST_F(NtlmLoginTest, TokenOfTheOtherSchemeIsNotRead) {
  ExpectFailed(Response(*client_, 401, {Negotiate("challenge")}), Reason::kRefusedByPeer);
}

TEST_F(NtlmLoginTest, SeveralTokensFail) {
  ExpectFailed(Response(*client_, 401, {challenge_, challenge_}), Reason::kMalformedToken);
}

TEST_F(NtlmLoginTest, TokenThatIsNotBase64Fails) {
  ExpectFailed(Response(*client_, 401, {"NTLM abcde"}), Reason::kMalformedToken);
}

TEST_F(NtlmLoginTest, UnreadableChallengeFails) {
  ExpectFailed(Response(*client_, 401, {"NTLM ab=cd=="}), Reason::kMalformedToken);
}

// CVE-2005-0490: a long challenge overflowed curl's fixed buffer.
TEST_F(NtlmLoginTest, Cve20050490LongChallengeIsBounded) {
  ExpectFailed(Response(*client_, 401, {Ntlm(std::string(64 * 1024, 'A'))}),
               Reason::kMalformedToken);
}

TEST_F(NtlmLoginTest, ChallengeOurSideRefusesFailsWithItsReason) {
  const ClientAction action = Response(*client_, 401, {Ntlm("garbage")});
  ExpectFailed(action, Reason::kMalformedToken);
  EXPECT_THAT(action.detail, ::testing::HasSubstr("fake package"));
  ExpectOver(*client_);
}

TEST_F(NtlmLoginTest, ConnectionIsPersistentUnlessTheServerSaysNo) {
  EXPECT_FALSE(client_->persistent());
  Response(*client_, 401, {challenge_});
  Response(*client_, 200);
  EXPECT_TRUE(client_->persistent());
  EXPECT_EQ(Response(*client_, 200).kind, Kind::kDone);
  EXPECT_TRUE(client_->persistent());
}

TEST_F(NtlmLoginTest, PersistentAuthFalseIsHeard) {
  Response(*client_, 401, {challenge_});
  Response(*client_, 200, {}, "False");
  EXPECT_FALSE(client_->persistent());
}

TEST_F(NtlmLoginTest, ChallengeAfterALoginBeginsANewOneWithTheSameScheme) {
  Response(*client_, 401, {challenge_});
  Response(*client_, 200);
  const ClientAction again = Response(*client_, 401, {"Negotiate", "NTLM"});
  EXPECT_THAT(again.header, Pair("Authorization", Ntlm("hello")));
  EXPECT_FALSE(client_->persistent());
  EXPECT_EQ(Response(*client_, 401, {challenge_}).kind, Kind::kSend);
  EXPECT_EQ(Response(*client_, 200).kind, Kind::kDone);
}

TEST_F(NtlmLoginTest, ChallengeAfterALoginWithoutItsSchemeFails) {
  Response(*client_, 401, {challenge_});
  Response(*client_, 200);
  ExpectFailed(Response(*client_, 401, {"Negotiate"}), Reason::kUnsupportedMechanism);
}

// The one-message login with the server's proof in the answer.

class KerberosLoginTest : public ::testing::Test {
 protected:
  KerberosLoginTest() : client_(MakeClient(KerberosLike())) {
    first_ = Response(*client_, 401, {"Negotiate"});
  }

  std::unique_ptr<ClientAuthenticator> client_;
  ClientAction first_;
};

TEST_F(KerberosLoginTest, OnlyMessageGoesWithTheBody) {
  EXPECT_EQ(first_.kind, Kind::kSend);
  EXPECT_FALSE(first_.without_body);
}

TEST_F(KerberosLoginTest, FinalTokenInTheAnswerIsVerified) {
  EXPECT_EQ(Response(*client_, 200, {Negotiate("welcome")}, "true").kind, Kind::kDone);
  EXPECT_TRUE(client_->context()->established());
  EXPECT_TRUE(client_->persistent());
}

TEST_F(KerberosLoginTest, WrongFinalTokenFails) {
  ExpectFailed(Response(*client_, 200, {Negotiate("impostor")}), Reason::kTicketInvalid);
  EXPECT_FALSE(client_->context()->established());
}

TEST_F(KerberosLoginTest, FinalTokenThatIsNotBase64Fails) {
  ExpectFailed(Response(*client_, 200, {"Negotiate abcde"}), Reason::kMalformedToken);
}

TEST_F(KerberosLoginTest, SeveralFinalTokensFail) {
  ExpectFailed(Response(*client_, 200, {Negotiate("welcome"), Negotiate("welcome")}),
               Reason::kMalformedToken);
}

TEST_F(KerberosLoginTest, AnswerWithoutTheServersProofFails) {
  ExpectFailed(Response(*client_, 200), Reason::kMutualAuthenticationFailed);
  EXPECT_FALSE(client_->context()->established());
  ExpectOver(*client_);
}

TEST_F(KerberosLoginTest, ErrorWithTheServersProofIsAnAnswer) {
  const ClientAction answer = Response(*client_, 403, {Negotiate("welcome")});
  EXPECT_EQ(answer.kind, Kind::kDone);
  EXPECT_FALSE(answer.logged_in);
  EXPECT_TRUE(client_->context()->established());
}

TEST_F(KerberosLoginTest, LaterAnswerIsTheUsersWhereTheLoginPersists) {
  Response(*client_, 200, {Negotiate("welcome")}, "true");
  EXPECT_TRUE(Response(*client_, 200).logged_in);
  EXPECT_FALSE(Response(*client_, 403).logged_in);
}

TEST_F(KerberosLoginTest, LaterAnswerIsNobodysWhereItDoesNot) {
  Response(*client_, 200, {Negotiate("welcome")});
  EXPECT_FALSE(Response(*client_, 200).logged_in);
}

TEST(ClientAuthenticatorTest, PackageMayAcceptTheServersSilence) {
  test::FakePackageOptions package = KerberosLike();
  package.initiator = [](std::string_view token, int step, test::FakeLogin&) {
    if (step == 0) {
      return MechanismResult::Continue(test::FakeToken("mutual alice"));
    }
    return token.empty() ? MechanismResult::Verified()
                         : MechanismResult::Rejected(Reason::kMalformedToken);
  };
  const auto client = MakeClient(std::move(package));
  Response(*client, 401, {"Negotiate"});
  EXPECT_EQ(Response(*client, 200).kind, Kind::kDone);
  EXPECT_TRUE(client->context()->established());
}

// A man in the middle who had the mechanism list changed leaves the proof of it out.
TEST(ClientAuthenticatorTest, SilenceWhereTheListsProofIsDueFails) {
  test::FakePackageOptions package = KerberosLike();
  package.initiator = [](std::string_view token, int step, test::FakeLogin&) {
    if (step == 0) {
      return MechanismResult::Continue(test::FakeToken("mutual alice"));
    }
    return token.empty() ? MechanismResult::Rejected(Reason::kNegotiationAltered,
                                                     "the mechListMIC is missing")
                         : MechanismResult::Verified();
  };
  const auto client = MakeClient(std::move(package));
  Response(*client, 401, {"Negotiate"});
  ExpectFailed(Response(*client, 200), Reason::kNegotiationAltered);
  ExpectOver(*client);
}

TEST(ClientAuthenticatorTest, AnswerThatLeavesTheMechanismHungryFails) {
  test::FakePackageOptions package = KerberosLike();
  package.initiator = [](std::string_view, int, test::FakeLogin&) {
    return MechanismResult::Continue(test::FakeToken("more"));
  };
  const auto client = MakeClient(std::move(package));
  Response(*client, 401, {"Negotiate"});
  ExpectFailed(Response(*client, 200, {Negotiate("x")}), Reason::kUnexpectedMessage);
}

// Pending work.

TEST(ClientAuthenticatorTest, PendingMessageIsSentAfterItsWork) {
  test::FakePackageOptions package = NtlmLike();
  package.initiator = [](std::string_view, int, test::FakeLogin&) {
    return test::FakePending(
        [](test::FakeLogin&) { return MechanismResult::Verified(test::FakeToken("late")); });
  };
  const auto client = MakeClient(std::move(package));
  EXPECT_TRUE(absl::IsFailedPrecondition(client->Resume(nullptr).status()));
  ClientAction action = Response(*client, 401, {"NTLM"});
  ASSERT_EQ(action.kind, Kind::kPending);
  EXPECT_TRUE(absl::IsFailedPrecondition(client->OnResponse({200, {}, {}, false}).status()));
  action.pending_work->Run();
  action = client->Resume(std::move(action.pending_work)).value();
  EXPECT_EQ(action.kind, Kind::kSend);
  EXPECT_THAT(action.header, Pair("Authorization", Ntlm("late")));
}

TEST(ClientAuthenticatorTest, PendingFinalTokenIsTheAnswerAfterItsWork) {
  test::FakePackageOptions package = KerberosLike();
  package.initiator = [](std::string_view, int step, test::FakeLogin&) {
    if (step == 0) {
      return MechanismResult::Continue(test::FakeToken("mutual alice"));
    }
    return test::FakePending([](test::FakeLogin&) { return MechanismResult::Verified(); });
  };
  const auto client = MakeClient(std::move(package));
  Response(*client, 401, {"Negotiate"});
  ClientAction action = Response(*client, 200, {Negotiate("welcome")}, "true");
  ASSERT_EQ(action.kind, Kind::kPending);
  action.pending_work->Run();
  EXPECT_EQ(client->Resume(std::move(action.pending_work)).value().kind, Kind::kDone);
  EXPECT_TRUE(client->persistent());
}

// Whose connection it is: CVE-2014-0015, CVE-2015-3143, CVE-2015-3148, CVE-2026-1965.

TEST(ConnectionReuseTest, FreshConnectionMayCarryAnybody) {
  const auto client = MakeClient(NtlmLike());
  Response(*client, 200);
  const std::vector<ClientScheme> anybody = {{"NTLM", test::MakeFakeCredentials()}};
  EXPECT_TRUE(client->MayCarry(anybody));
  EXPECT_TRUE(client->MayCarry({}));
}

TEST(ConnectionReuseTest, Cve20140015Cve20261965UsedConnectionCarriesItsCredentialsOnly) {
  const auto alice = test::MakeFakeCredentials();
  const auto bob = test::MakeFakeCredentials();
  for (const char* scheme : {"NTLM", "Negotiate"}) {
    ClientOptions options;
    options.schemes = {{scheme, alice}};
    options.channel = Channel::Plain();
    const auto client = ClientAuthenticator::Create(std::move(options)).value();
    Response(*client, 401, {scheme});
    EXPECT_TRUE(client->MayCarry(std::vector<ClientScheme>{{scheme, alice}}));
    EXPECT_FALSE(client->MayCarry(std::vector<ClientScheme>{{scheme, bob}}));
  }
}

TEST(ConnectionReuseTest, Cve20153143UsedConnectionCarriesNoRequestWithoutIdentity) {
  const auto client = MakeClient(NtlmLike());
  Response(*client, 401, {"NTLM"});
  EXPECT_FALSE(client->MayCarry({}));
}

TEST(ConnectionReuseTest, Cve20153148FailedLoginStillOwnsTheConnection) {
  const auto client = MakeClient(KerberosLike());
  Response(*client, 401, {"Negotiate"});
  Response(*client, 401, {"Negotiate"});
  const std::vector<ClientScheme> other = {{"Negotiate", test::MakeFakeCredentials()}};
  EXPECT_FALSE(client->MayCarry(other));
}

// Both sides together.

TEST(ExchangeTest, ClientLogsInToServer) {
  TestServer server;
  const auto client = MakeClient(NtlmLike());
  Verdict verdict = server.Request();
  int requests = 1;
  ClientAction action;
  while (verdict.action == Verdict::Action::kRespond && requests < 10) {
    std::vector<std::string> challenges;
    for (const auto& [name, value] : verdict.headers) {
      challenges.push_back(value);
    }
    action = Response(*client, verdict.status, challenges);
    ASSERT_EQ(action.kind, Kind::kSend);
    verdict = server.Request(action.header.second);
    ++requests;
  }
  EXPECT_EQ(requests, 3);
  EXPECT_EQ(server.User(), "alice");
  EXPECT_EQ(Response(*client, 200, {}, "true").kind, Kind::kDone);
  EXPECT_TRUE(client->context()->established());
}

}  // namespace
}  // namespace epa::http
