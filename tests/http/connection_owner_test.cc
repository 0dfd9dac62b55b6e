// Whose connection it is. An authenticated connection that served somebody else is the fault
// behind CVE-2014-0015, CVE-2015-3143, CVE-2015-3148 and CVE-2026-1965.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/http_test_support.h"

namespace epa::http {
namespace {

using ::testing::IsEmpty;

using Action = Verdict::Action;

class EstablishedTest : public ::testing::Test {
 protected:
  EstablishedTest() {
    server_.Request(Ntlm("hello"));
    EXPECT_EQ(server_.Request(Ntlm("login alice")).action, Action::kServe);
  }

  const AuditEvent& last_event() const { return server_.sink->events.back(); }

  TestServer server_;
};

TEST_F(EstablishedTest, LaterRequestsCarryTheIdentity) {
  for (int i = 0; i < 3; ++i) {
    const Verdict verdict = server_.Request();
    EXPECT_EQ(verdict.action, Action::kServe);
    EXPECT_THAT(verdict.headers, IsEmpty());
    EXPECT_EQ(server_.User(), "alice");
  }
  EXPECT_EQ(server_.sink->events.size(), 1u);
}

TEST_F(EstablishedTest, IdentityIsGoneAtOnceWhenANewLoginBegins) {
  EXPECT_EQ(server_.Request(Ntlm("hello")).status, 401);
  EXPECT_EQ(server_.User(), "-");
  EXPECT_EQ(server_.Request().status, 401);
  EXPECT_EQ(server_.User(), "-");
}

TEST_F(EstablishedTest, SameIdentityMayLogInAgain) {
  server_.Request(Ntlm("hello"));
  EXPECT_EQ(server_.Request(Ntlm("login alice")).action, Action::kServe);
  EXPECT_EQ(server_.Request(Negotiate("mutual alice")).action, Action::kServe);
  EXPECT_EQ(server_.User(), "alice");
  EXPECT_EQ(last_event().outcome, AuditOutcome::kAccepted);
}

TEST_F(EstablishedTest, Cve20140015SecondNtlmUserOnTheConnectionIsRefused) {
  server_.Request(Ntlm("hello"));
  const Verdict verdict = server_.Request(Ntlm("login bob"));
  EXPECT_EQ(verdict.action, Action::kRespond);
  EXPECT_EQ(verdict.status, 401);
  EXPECT_TRUE(verdict.close);
  EXPECT_EQ(server_.User(), "-");
}

TEST_F(EstablishedTest, Cve20140015RefusalOfTheSecondUserIsOneAuditEvent) {
  server_.Request(Ntlm("login bob"));
  ASSERT_EQ(server_.sink->events.size(), 2u);
  EXPECT_EQ(last_event().outcome, AuditOutcome::kRefused);
  EXPECT_EQ(last_event().user, "bob");
  EXPECT_EQ(last_event().reason, Reason::kConnectionOwnerDiffers);
  EXPECT_NE(last_event().status, SecurityStatus::kOk);
}

TEST_F(EstablishedTest, Cve20153143RefusedSecondUserLeavesNoIdentityBehind) {
  server_.Request(Ntlm("login bob"));
  EXPECT_EQ(server_.Request().status, 401);
  EXPECT_EQ(server_.Request(Ntlm("login alice")).status, 401);
  EXPECT_EQ(server_.User(), "-");
}

TEST_F(EstablishedTest, Cve20153143OtherCredentialsEndTheIdentity) {
  for (const char* field : {"Basic Ym9iOnB3", "NTLM", "NTLM ====", ""}) {
    SCOPED_TRACE(field);
    EXPECT_EQ(server_.Request(Ntlm("login alice")).action, Action::kServe);
    EXPECT_EQ(server_.Request(field).action, Action::kRespond);
    EXPECT_EQ(server_.User(), "-");
    EXPECT_EQ(server_.Request().status, 401);
  }
}

TEST_F(EstablishedTest, Cve20153148NegotiateLoginAsSomebodyElseIsRefused) {
  const Verdict verdict = server_.Request(Negotiate("mutual bob"));
  EXPECT_EQ(verdict.status, 401);
  EXPECT_TRUE(verdict.close);
  for (const auto& [name, value] : verdict.headers) {
    EXPECT_EQ(value.find(' '), std::string::npos) << "a success token left: " << value;
  }
}

TEST_F(EstablishedTest, Cve20261965OwnerStaysAfterAFailedLoginInBetween) {
  EXPECT_EQ(server_.Request(Negotiate("wrong")).status, 401);
  EXPECT_EQ(server_.Request().status, 401);
  EXPECT_TRUE(server_.Request(Negotiate("login bob")).close);
}

TEST_F(EstablishedTest, FailedLoginBySomebodyElseEndsTheIdentityButNotTheConnection) {
  const Verdict verdict = server_.Request(Ntlm("wrong"));
  EXPECT_EQ(verdict.status, 401);
  EXPECT_FALSE(verdict.close);
  EXPECT_EQ(server_.User(), "-");
  EXPECT_EQ(server_.Request(Ntlm("login alice")).action, Action::kServe);
}

TEST_F(EstablishedTest, OtherCaseIsTheSameIdentity) {
  EXPECT_EQ(server_.Request(Ntlm("login Alice")).action, Action::kServe);
}

TEST_F(EstablishedTest, PendingLoginAsSomebodyElseIsRefused) {
  Verdict verdict = server_.Request(Ntlm("ask bob"));
  EXPECT_EQ(verdict.action, Action::kPending);
  EXPECT_EQ(server_.User(), "-");
  verdict = server_.Finish(std::move(verdict));
  EXPECT_EQ(verdict.status, 401);
  EXPECT_TRUE(verdict.close);
  EXPECT_EQ(server_.User(), "-");
}

TEST_F(EstablishedTest, FaultEndsTheIdentity) {
  EXPECT_EQ(server_.Request(Ntlm("fault")).status, 500);
  EXPECT_EQ(server_.User(), "-");
}

TEST_F(EstablishedTest, Http2EndsTheIdentity) {
  EXPECT_EQ(server_.authenticator->OnRequest({2, {}}).action, Action::kHttp11Required);
  EXPECT_EQ(server_.User(), "-");
}

TEST(ConnectionOwnerTest, GuestOfTheSameNameIsAnotherIdentity) {
  test::FakePackageOptions package;
  package.acceptor = [](std::string_view token, int step,
                        test::FakeLogin& login) -> absl::StatusOr<MechanismResult> {
    if (token == "guest alice") {
      login.identity = PeerIdentity::Guest();
      return MechanismResult::Verified();
    }
    return test::FakeAcceptorScript(token, step, login);
  };
  ExtendedProtectionOptions protection;
  protection.mode = ExtendedProtectionMode::kLegacy;
  protection.allow_guest = true;
  AuthenticatorOptions options;
  options.schemes = {{"NTLM", test::MakeFakeCredentials(std::move(package))}};
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create(std::move(protection)).value());
  options.audit = NoAudit();
  Authenticator server(AuthenticatorConfig::Create(std::move(options)).value(), Channel::Plain(),
                       "");
  const std::string guest = Ntlm("guest alice");
  const std::string user = Ntlm("login alice");
  EXPECT_EQ(server.OnRequest({1, {guest}}).action, Action::kServe);
  EXPECT_TRUE(server.OnRequest({1, {user}}).close);
}

}  // namespace
}  // namespace epa::http
