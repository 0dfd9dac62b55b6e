#include "epa/http/authenticator.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/http_test_support.h"

namespace epa::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Action = Verdict::Action;

void ExpectFreshChallenge(const Verdict& verdict) {
  EXPECT_EQ(verdict.action, Action::kRespond);
  EXPECT_EQ(verdict.status, 401);
  EXPECT_THAT(verdict.headers,
              ElementsAre(Pair("WWW-Authenticate", "Negotiate"), Pair("WWW-Authenticate", "NTLM")));
  EXPECT_TRUE(verdict.fault.ok());
}

void ExpectContinues(const Verdict& verdict, std::string_view field) {
  EXPECT_EQ(verdict.action, Action::kRespond);
  EXPECT_EQ(verdict.status, 401);
  EXPECT_FALSE(verdict.close);
  EXPECT_THAT(verdict.headers, ElementsAre(Pair("WWW-Authenticate", std::string(field))));
}

void ExpectMalformed(const Verdict& verdict) {
  EXPECT_EQ(verdict.action, Action::kRespond);
  EXPECT_EQ(verdict.status, 400);
  EXPECT_THAT(verdict.headers, IsEmpty());
}

void ExpectFault(const Verdict& verdict) {
  EXPECT_EQ(verdict.action, Action::kRespond);
  EXPECT_EQ(verdict.status, 500);
  EXPECT_TRUE(verdict.close);
  EXPECT_FALSE(verdict.fault.ok());
  EXPECT_THAT(verdict.headers, IsEmpty());
}

AuthenticatorOptions GoodOptions() {
  AuthenticatorOptions options;
  options.schemes = {{"NTLM", test::MakeFakeCredentials()}};
  options.policy = LegacyPolicy();
  options.audit = NoAudit();
  return options;
}

TEST(AuthenticatorConfigTest, AcceptsGoodOptions) {
  EXPECT_TRUE(AuthenticatorConfig::Create(GoodOptions()).ok());
}

TEST(AuthenticatorConfigTest, RefusesOptionsThatCannotWork) {
  const auto refused = [](auto change) {
    AuthenticatorOptions options = GoodOptions();
    change(options);
    return absl::IsInvalidArgument(AuthenticatorConfig::Create(std::move(options)).status());
  };
  EXPECT_TRUE(refused([](auto& o) { o.schemes.clear(); }));
  EXPECT_TRUE(refused([](auto& o) { o.schemes[0].name = "Basic"; }));
  EXPECT_TRUE(refused([](auto& o) { o.schemes[0].credentials = nullptr; }));
  EXPECT_TRUE(refused([](auto& o) { o.schemes.push_back(o.schemes[0]); }));
  EXPECT_TRUE(refused([](auto& o) { o.policy = nullptr; }));
  EXPECT_TRUE(refused([](auto& o) { o.audit = nullptr; }));
  EXPECT_TRUE(refused([](auto& o) { o.max_token_text = 0; }));
  EXPECT_TRUE(refused([](auto& o) { o.max_failures = 0; }));
}

// No login.

TEST(AuthenticatorTest, NoLoginWithoutAuthorizationIsChallengedOncePerScheme) {
  TestServer server;
  const Verdict verdict = server.Request();
  ExpectFreshChallenge(verdict);
  EXPECT_FALSE(verdict.close);
  EXPECT_EQ(server.User(), "-");
  EXPECT_THAT(server.sink->events, IsEmpty());
}

TEST(AuthenticatorTest, ProxyChallengesWith407AndProxyFields) {
  TestServer server({}, /*proxy=*/true);
  Verdict verdict = server.Request();
  EXPECT_EQ(verdict.status, 407);
  EXPECT_THAT(verdict.headers, ElementsAre(Pair("Proxy-Authenticate", "Negotiate"),
                                           Pair("Proxy-Authenticate", "NTLM")));
  verdict = server.Request(Ntlm("hello"));
  EXPECT_EQ(verdict.status, 407);
  EXPECT_THAT(verdict.headers, ElementsAre(Pair("Proxy-Authenticate", Ntlm("challenge"))));
  verdict = server.Request(Ntlm("mutual alice"));
  EXPECT_EQ(verdict.action, Action::kServe);
  EXPECT_THAT(verdict.headers, ElementsAre(Pair("Proxy-Authenticate", Ntlm("welcome"))));
}

TEST(AuthenticatorTest, TwoLegLoginIsServedAndSaysPersistent) {
  TestServer server;
  ExpectContinues(server.Request(Ntlm("hello")), Ntlm("challenge"));
  EXPECT_EQ(server.User(), "-");
  const Verdict verdict = server.Request(Ntlm("login alice"));
  EXPECT_EQ(verdict.action, Action::kServe);
  EXPECT_FALSE(verdict.close);
  EXPECT_THAT(verdict.headers, ElementsAre(Pair("Persistent-Auth", "true")));
  EXPECT_EQ(server.User(), "alice");
  ASSERT_EQ(server.sink->events.size(), 1u);
  EXPECT_EQ(server.sink->events[0].outcome, AuditOutcome::kAccepted);
  EXPECT_EQ(server.sink->events[0].connection, "192.0.2.1:1");
}

TEST(AuthenticatorTest, OneLegLoginIsServedWithTheFinalToken) {
  TestServer server;
  const Verdict verdict = server.Request(Negotiate("mutual alice"));
  EXPECT_EQ(verdict.action, Action::kServe);
  EXPECT_THAT(verdict.headers, ElementsAre(Pair("WWW-Authenticate", Negotiate("welcome")),
                                           Pair("Persistent-Auth", "true")));
}

TEST(AuthenticatorTest, SchemeNamesCompareWithoutCase) {
  TestServer server;
  ExpectContinues(server.Request(Field("ntlm", "hello")), Ntlm("challenge"));
  EXPECT_EQ(server.Request(Field("nTlM", "login alice")).action, Action::kServe);
}

TEST(AuthenticatorTest, LoginWorksWithoutAnAuditSink) {
  AuthenticatorOptions options = GoodOptions();
  Authenticator authenticator(AuthenticatorConfig::Create(std::move(options)).value(),
                              Channel::Plain(), "");
  const std::string field = Ntlm("login alice");
  EXPECT_EQ(authenticator.OnRequest({1, {field}}).action, Action::kServe);
}

TEST(AuthenticatorTest, LoginMovesWithTheAuthenticator) {
  TestServer server;
  server.Request(Ntlm("login alice"));
  Authenticator moved = std::move(*server.authenticator);
  EXPECT_EQ(moved.OnRequest({1, {}}).action, Action::kServe);
}

TEST(AuthenticatorTest, PolicyRefusesWhatTheMechanismVerified) {
  ExtendedProtectionOptions require;
  auto binding = ChannelBindings::FromApplicationData(test::FakeToken("tls-unique:x")).value();
  AuthenticatorOptions options = GoodOptions();
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create(std::move(require)).value());
  Authenticator authenticator(AuthenticatorConfig::Create(std::move(options)).value(),
                              Channel::Tls(std::move(binding)), "");
  const std::string field = Ntlm("mutual alice");
  const Verdict verdict = authenticator.OnRequest({1, {field}});
  EXPECT_EQ(verdict.status, 401);
  EXPECT_THAT(verdict.headers, ElementsAre(Pair("WWW-Authenticate", "NTLM")));
  EXPECT_EQ(authenticator.context(), nullptr);
}

// Authorization fields that carry no usable token.

TEST(AuthenticatorTest, OtherSchemesAreChallenged) {
  TestServer server;
  for (const char* field :
       {"Basic YWxpY2U6c2VjcmV0", "Bearer a.b-c_d~", "Digest username=\"alice\", realm=\"x\"",
        "NTLMv2 aGVsbG8=", "NegotiateEx aGVsbG8=", "Nego2 aGVsbG8="}) {
    SCOPED_TRACE(field);
    ExpectFreshChallenge(server.Request(field));
  }
  EXPECT_THAT(server.sink->events, IsEmpty());
}

// vadimi/go-http-ntlm#5 and squid bug 4936: "NTLM" without a blob, and blobs shorter than a header.
TEST(AuthenticatorTest, GoHttpNtlm5Squid4936BareSchemeIsChallenged) {
  auto created = std::make_shared<int>(0);
  test::FakePackageOptions package;
  package.created = created;
  TestServer server(std::move(package));
  for (const char* field : {"NTLM", "NTLM ", "ntlm \t", "Negotiate", "NTLM realm=foo"}) {
    SCOPED_TRACE(field);
    ExpectFreshChallenge(server.Request(field));
  }
  EXPECT_EQ(*created, 0);
}

TEST(AuthenticatorTest, GoHttpNtlm19Squid4936ShortBlobsAreRefused) {
  TestServer server({}, false, /*max_failures=*/100);
  for (const char* token : {"x", "xy", "xyz"}) {
    ExpectFreshChallenge(server.Request(Ntlm(token)));
  }
  EXPECT_EQ(server.sink->events.size(), 3u);
}

TEST(AuthenticatorTest, MalformedFieldsAre400AndReachNoContext) {
  auto created = std::make_shared<int>(0);
  test::FakePackageOptions package;
  package.created = created;
  TestServer server(std::move(package), false, /*max_failures=*/100);
  for (const char* field :
       {"", "  ", ",", "NTLM ====", "NTLM =", "NTLM aGVsb",
        "NTLM aGVsbG9=", "NTLM aGVs bG8=", "NTLM aGVs\r\n bG8=", "NTLM aGVsbG-_",
        "NTLMaGVsbG8=", "NTLM aGVsbG8=, NTLM aGVsbG8=", "Negotiate aGVsbG8=, Basic YTpi",
        "NTLM aGVsbG8=x y", "NTLM kGaXHz6/owHcW=QEZNqwQn0s8U"}) {
    SCOPED_TRACE(field);
    const Verdict verdict = server.Request(field);
    ExpectMalformed(verdict);
    EXPECT_FALSE(verdict.close);
  }
  EXPECT_EQ(*created, 0);
  ASSERT_EQ(server.sink->events.size(), 15u);
  for (const AuditEvent& event : server.sink->events) {
    EXPECT_EQ(event.outcome, AuditOutcome::kRefused);
    EXPECT_EQ(event.reason, Reason::kMalformedToken);
    EXPECT_EQ(event.status, SecurityStatus::kInvalidToken);
    EXPECT_NE(event.detail, "");
    EXPECT_EQ(event.connection, "192.0.2.1:1");
    EXPECT_EQ(event.user + event.domain + event.package + event.claims.user, "");
    EXPECT_EQ(event.mode, ExtendedProtectionMode::kLegacy);
    EXPECT_NE(event.time, 0u);
  }
}

TEST(AuthenticatorTest, PaddingIsTakenAsItComes) {
  TestServer server;
  for (const char* field : {"NTLM aGVsbG8", "NTLM aGVsbG8=", "NTLM aGVsbG8==="}) {
    ExpectContinues(server.Request(field), Ntlm("challenge"));
  }
}

TEST(AuthenticatorTest, SeveralFieldsAre400) {
  TestServer server;
  ExpectMalformed(server.Request(Ntlm("hello"), Ntlm("hello")));
  ExpectMalformed(server.Request("Basic YTpi", Ntlm("hello")));
  ExpectMalformed(server.Request("", Ntlm("hello")));
}

// CVE-2005-0490: a long Negotiate header overflowed curl's fixed buffer.
TEST(AuthenticatorTest, Cve20050490LongFieldsAreBounded) {
  TestServer server;
  const std::string longest = Ntlm(std::string(48'000, 'A'));
  ASSERT_LE(longest.size(), AuthenticatorOptions().max_token_text);
  ExpectFreshChallenge(server.Request(longest));
  ExpectMalformed(server.Request(Negotiate(std::string(64 * 1024, 'A'))));
  ExpectMalformed(server.Request(std::string(1'000'000, 'A')));
  EXPECT_EQ(server.sink->events.size(), 3u);
}

// A login half-way.

class HalfOpenTest : public ::testing::Test {
 protected:
  HalfOpenTest() { ExpectContinues(server_.Request(Ntlm("hello")), Ntlm("challenge")); }

  void ExpectAbandoned() {
    ASSERT_EQ(server_.sink->events.size(), 1u);
    EXPECT_EQ(server_.sink->events[0].outcome, AuditOutcome::kAbandoned);
  }
  // The exchange has its event, and what ended it another.
  void ExpectAbandonedBecause(Reason reason) {
    ASSERT_EQ(server_.sink->events.size(), 2u);
    EXPECT_EQ(server_.sink->events[0].outcome, AuditOutcome::kAbandoned);
    EXPECT_EQ(server_.sink->events[1].outcome, AuditOutcome::kRefused);
    EXPECT_EQ(server_.sink->events[1].reason, reason);
  }

  TestServer server_;
};

TEST_F(HalfOpenTest, RequestWithoutAuthorizationDropsTheExchange) {
  ExpectFreshChallenge(server_.Request());
  ExpectAbandoned();
}

TEST_F(HalfOpenTest, OtherSchemeDropsTheExchange) {
  ExpectFreshChallenge(server_.Request("Basic YTpi"));
  ExpectAbandoned();
}

TEST_F(HalfOpenTest, BareSchemeDropsTheExchange) {
  ExpectFreshChallenge(server_.Request("NTLM"));
  ExpectAbandoned();
}

TEST_F(HalfOpenTest, MalformedFieldDropsTheExchange) {
  ExpectMalformed(server_.Request("NTLM ===="));
  ExpectAbandonedBecause(Reason::kMalformedToken);
}

TEST_F(HalfOpenTest, SeveralFieldsDropTheExchange) {
  ExpectMalformed(server_.Request(Ntlm("login alice"), Ntlm("login bob")));
  ExpectAbandonedBecause(Reason::kMalformedToken);
  EXPECT_EQ(server_.User(), "-");
}

TEST_F(HalfOpenTest, TokenUnderTheOtherSchemeBeginsAgain) {
  ExpectContinues(server_.Request(Negotiate("hello")), Negotiate("challenge"));
  ExpectAbandoned();
  EXPECT_EQ(server_.Request(Negotiate("login alice")).action, Action::kServe);
}

// libsoup does so where winbind cannot answer for the user; IIS takes it.
TEST(AuthenticatorTest, AFirstTokenOnAHalfOpenConnectionBeginsAgain) {
  test::FakePackageOptions package;
  package.begins = [](std::string_view token) { return token == "hello"; };
  TestServer server(std::move(package), /*proxy=*/false, /*max_failures=*/3);
  for (int i = 0; i < 3; ++i) {
    ExpectContinues(server.Request(Ntlm("hello")), Ntlm("challenge"));
  }
  EXPECT_EQ(server.Request(Ntlm("login alice")).action, Action::kServe);
  ASSERT_EQ(server.sink->events.size(), 3u);
  EXPECT_EQ(server.sink->events[1].outcome, AuditOutcome::kAbandoned);
  EXPECT_EQ(server.sink->events[2].outcome, AuditOutcome::kAccepted);
}

TEST_F(HalfOpenTest, RefusalBeginsAfresh) {
  ExpectFreshChallenge(server_.Request(Ntlm("wrong")));
  ExpectContinues(server_.Request(Ntlm("hello")), Ntlm("challenge"));
  EXPECT_EQ(server_.Request(Ntlm("login alice")).action, Action::kServe);
}

TEST_F(HalfOpenTest, FaultIs500AndCloses) {
  ExpectFault(server_.Request(Ntlm("fault")));
  ASSERT_EQ(server_.sink->events.size(), 1u);
  EXPECT_EQ(server_.sink->events[0].outcome, AuditOutcome::kFault);
}

TEST_F(HalfOpenTest, Http2DropsTheExchange) {
  EXPECT_EQ(server_.authenticator->OnRequest({2, {}}).action, Action::kHttp11Required);
  ExpectAbandonedBecause(Reason::kHttp11Required);
}

// Refusals and faults.

TEST(AuthenticatorTest, RefusalsLookAlike) {
  for (const char* token : {"wrong", "wrong-token", "garbage"}) {
    SCOPED_TRACE(token);
    TestServer server;
    server.Request(Ntlm("hello"));
    const Verdict verdict = server.Request(Ntlm(token));
    ExpectFreshChallenge(verdict);
    EXPECT_FALSE(verdict.close);
  }
}

TEST(AuthenticatorTest, ConnectionClosesAfterTooManyRefusals) {
  TestServer server({}, false, /*max_failures=*/3);
  EXPECT_FALSE(server.Request(Ntlm("wrong")).close);
  EXPECT_FALSE(server.Request("NTLM ====").close);
  const Verdict last = server.Request(Ntlm("wrong"));
  ExpectFreshChallenge(last);
  EXPECT_TRUE(last.close);
}

TEST(AuthenticatorTest, ChallengesAreNotCountedAsFailures) {
  TestServer server({}, false, /*max_failures=*/1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(server.Request().close);
    EXPECT_FALSE(server.Request("NTLM").close);
  }
}

TEST(AuthenticatorTest, LoginsThatAreLeftHalfWayAreCountedAsFailures) {
  TestServer server({}, false, /*max_failures=*/3);
  EXPECT_FALSE(server.Request(Ntlm("hello")).close);
  EXPECT_FALSE(server.Request().close);
  EXPECT_FALSE(server.Request().close) << "nothing was half-way";
  EXPECT_FALSE(server.Request(Ntlm("hello")).close);
  EXPECT_FALSE(server.Request("NTLM").close);
  EXPECT_FALSE(server.Request(Ntlm("hello")).close);
  const Verdict last = server.Request(Negotiate("hello"));
  ExpectFreshChallenge(last);
  EXPECT_TRUE(last.close);
}

TEST(AuthenticatorTest, ClosedConnectionLogsNobodyIn) {
  TestServer server({}, false, /*max_failures=*/1);
  EXPECT_TRUE(server.Request(Ntlm("wrong")).close);
  const Verdict verdict = server.Request(Ntlm("login alice"));
  ExpectFreshChallenge(verdict);
  EXPECT_TRUE(verdict.close);
  EXPECT_EQ(server.User(), "-");
  EXPECT_EQ(server.sink->events.size(), 1u);
}

TEST(AuthenticatorTest, FailureToBeginIs500AndCloses) {
  test::FakePackageOptions package;
  package.creation = absl::UnavailableError("no key table");
  TestServer server(std::move(package));
  const Verdict verdict = server.Request(Ntlm("hello"));
  ExpectFault(verdict);
  EXPECT_TRUE(absl::IsUnavailable(verdict.fault));
}

// HTTP/2 and 3.

TEST(AuthenticatorTest, Http2AndHttp3RequireHttp11WhateverTheRequest) {
  TestServer server;
  const std::string field = Ntlm("login alice");
  for (const int version : {0, 2, 3}) {
    EXPECT_EQ(server.authenticator->OnRequest({version, {}}).action, Action::kHttp11Required);
    EXPECT_EQ(server.authenticator->OnRequest({version, {field}}).action, Action::kHttp11Required);
  }
  ASSERT_EQ(server.sink->events.size(), 6u);
  EXPECT_EQ(server.sink->events[5].outcome, AuditOutcome::kRefused);
  EXPECT_EQ(server.sink->events[5].reason, Reason::kHttp11Required);
  EXPECT_EQ(server.sink->events[5].user, "");
}

// Each request for itself, as behind a proxy that shares its connections among users.

TEST(EachRequestConfigTest, IsTheDefaultBehindATrustedProxyAlone) {
  const auto chosen = [](auto change) {
    ExtendedProtectionOptions protection;
    change(protection);
    AuthenticatorOptions options = GoodOptions();
    options.policy = std::make_shared<const ExtendedProtectionPolicy>(
        ExtendedProtectionPolicy::Create(std::move(protection)).value());
    return *AuthenticatorConfig::Create(std::move(options))
                .value()
                ->options()
                .authenticate_each_request;
  };
  EXPECT_FALSE(chosen([](auto&) {}));
  EXPECT_TRUE(chosen([](auto& protection) {
    protection.scenario = ProtectionScenario::kTrustedProxy;
    protection.accepted_names = AcceptedServiceNames::Create({"HTTP/www.example.com"}).value();
  }));
  AuthenticatorOptions options = GoodOptions();
  options.authenticate_each_request = true;
  EXPECT_TRUE(*AuthenticatorConfig::Create(std::move(options))
                   .value()
                   ->options()
                   .authenticate_each_request);
}

class EachRequestTest : public ::testing::Test {
 protected:
  EachRequestTest() : server_({}, false, 8, /*each_request=*/true) {}
  TestServer server_;
};

TEST_F(EachRequestTest, LoginCountsForItsRequestAlone) {
  ExpectContinues(server_.Request(Ntlm("hello")), Ntlm("challenge"));
  const Verdict verdict = server_.Request(Ntlm("login alice"));
  EXPECT_EQ(verdict.action, Action::kServe);
  EXPECT_THAT(verdict.headers, ElementsAre(Pair("Persistent-Auth", "false")));
  EXPECT_EQ(server_.User(), "alice");
  ExpectFreshChallenge(server_.Request());
  EXPECT_EQ(server_.User(), "-");
}

TEST_F(EachRequestTest, SeveralUsersShareTheConnection) {
  for (const char* user : {"alice", "bob", "alice"}) {
    EXPECT_EQ(server_.Request(Negotiate(std::string("mutual ") + user)).action, Action::kServe);
    EXPECT_EQ(server_.User(), user);
  }
}

// What another user sends in between ends an exchange; it does not go on as his.
TEST_F(EachRequestTest, AnotherUsersRequestEndsAnExchange) {
  ExpectContinues(server_.Request(Ntlm("hello")), Ntlm("challenge"));
  ExpectFreshChallenge(server_.Request());
  EXPECT_EQ(server_.User(), "-");
}

// Pending work.

TEST(AuthenticatorTest, PendingLoginIsServedAfterItsWork) {
  TestServer server;
  Verdict verdict = server.Request(Ntlm("ask alice"));
  ASSERT_EQ(verdict.action, Action::kPending);
  ASSERT_NE(verdict.pending_work, nullptr);
  EXPECT_EQ(server.User(), "-");
  verdict = server.Finish(std::move(verdict));
  EXPECT_EQ(verdict.action, Action::kServe);
  EXPECT_EQ(server.User(), "alice");
}

TEST(AuthenticatorTest, PendingChallengeContinuesAfterItsWork) {
  TestServer server;
  ExpectContinues(server.Finish(server.Request(Negotiate("ask-hello"))), Negotiate("challenge"));
  EXPECT_EQ(server.Request(Negotiate("login alice")).action, Action::kServe);
}

TEST(AuthenticatorTest, WorkThatDidNotRunIsAFault) {
  TestServer server;
  Verdict verdict = server.Request(Ntlm("ask alice"));
  ExpectFault(server.authenticator->Resume(std::move(verdict.pending_work)));
  EXPECT_EQ(server.User(), "-");
}

TEST(AuthenticatorTest, RequestWhileWorkIsPendingIsAFault) {
  TestServer server;
  Verdict pending = server.Request(Ntlm("ask alice"));
  ExpectFault(server.Request());
  pending.pending_work->Run();
  ExpectFault(server.authenticator->Resume(std::move(pending.pending_work)));
  EXPECT_EQ(server.User(), "-");
}

TEST(AuthenticatorTest, ResumeWithoutPendingWorkIsAFault) {
  TestServer server;
  ExpectFault(server.authenticator->Resume(nullptr));
}

}  // namespace
}  // namespace epa::http
