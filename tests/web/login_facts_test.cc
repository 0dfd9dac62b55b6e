// What an application is told of a login.
#include "modules/web/login_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "tests/support/fake_package.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::web {
namespace {

using ::epa::test::StatusIs;
using service::UserNameForm;

AccountIdentity Alice() {
  AuthorizationData data;
  data.user_sid = "S-1-5-21-1-2-3-1001";
  data.group_sids = {"S-1-5-21-1-2-3-513", "S-1-5-32-545"};
  AccountIdentity account;
  account.user = "alice";
  account.domain = "LAB";
  account.dns_domain = "lab.example";
  account.authorization = std::make_shared<const AuthorizationData>(std::move(data));
  return account;
}

// Established as `identity`, without a binding, in mode 0.
std::unique_ptr<SecurityContext> ContextOf(PeerIdentity identity) {
  test::FakePackageOptions package;
  package.acceptor = [identity](std::string_view, int, test::FakeLogin& login) {
    login.identity = identity;
    login.evidence.binding = BindingEvidence::kAbsent;
    return MechanismResult::Verified();
  };
  ExtendedProtectionOptions policy;
  policy.mode = ExtendedProtectionMode::kLegacy;
  policy.allow_anonymous = true;
  AcceptOptions options;
  options.credentials = test::MakeFakeCredentials(std::move(package));
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create(std::move(policy)).value());
  options.channel = Channel::Tls(test::Bindings(1));
  options.audit = NoAudit();
  auto context = SecurityContext::Accept(std::move(options)).value();
  EXPECT_EQ(context->Step(test::FakeToken("any")).value().state, StepState::kEstablished);
  return context;
}

TEST(LoginFactsTest, SayWhoAndHow) {
  const auto context = ContextOf(PeerIdentity::Account(Alice()));
  const auto facts = LoginFactsOf(*context, {UserNameForm::kFull, ""});
  ASSERT_OK(facts);
  EXPECT_EQ(facts->user, "LAB\\alice");
  EXPECT_EQ(facts->domain, "LAB");
  EXPECT_EQ(facts->package, "Fake");
  EXPECT_EQ(facts->binding, "absent");
  EXPECT_EQ(facts->reason, "legacy_mode");
  EXPECT_EQ(facts->sid, "S-1-5-21-1-2-3-1001");
  EXPECT_EQ(facts->sids, "S-1-5-21-1-2-3-1001,S-1-5-21-1-2-3-513,S-1-5-32-545");
}

TEST(LoginFactsTest, NameTheUserInTheFormThatWasAskedFor) {
  const auto context = ContextOf(PeerIdentity::Account(Alice()));
  EXPECT_EQ(LoginFactsOf(*context, {UserNameForm::kPrincipal, ""})->user, "alice@lab.example");
  EXPECT_EQ(LoginFactsOf(*context, {UserNameForm::kPlain, ""})->user, "alice");
  const auto local = ContextOf(test::FakeAccount("bob"));
  EXPECT_EQ(LoginFactsOf(*local, {UserNameForm::kPrincipal, ""})->user, "bob@LAB");
  EXPECT_EQ(LoginFactsOf(*local, {UserNameForm::kFull, ""})->sids, "");
}

TEST(LoginFactsTest, NobodyIsNoUser) {
  const auto context = ContextOf(PeerIdentity::Anonymous());
  EXPECT_THAT(LoginFactsOf(*context, {UserNameForm::kPlain, ""}),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST(SidTest, Look) {
  EXPECT_TRUE(IsSid("S-1-5-32-544"));
  EXPECT_TRUE(IsSid("S-1-1-0"));
  for (const char* text : {"", "S-1-", "S-1-5-", "s-1-5-32", "S-2-5", "administrators", "S-1-5 "}) {
    EXPECT_FALSE(IsSid(text)) << text;
  }
}

TEST(SidTest, IsFoundAsAWhole) {
  const std::string sids = "S-1-5-21-1,S-1-5-32-544";
  EXPECT_TRUE(HasSid(sids, "S-1-5-21-1"));
  EXPECT_TRUE(HasSid(sids, "S-1-5-32-544"));
  for (const char* text : {"", "S-1-5-21", "S-1-5-32-5", "-1-5-21-1", "S-1-5-21-1,S-1-5-32-544"}) {
    EXPECT_FALSE(HasSid(sids, text)) << text;
  }
  EXPECT_FALSE(HasSid("", "S-1-1-0"));
}

}  // namespace
}  // namespace epa::web
