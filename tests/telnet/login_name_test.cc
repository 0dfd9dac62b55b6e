// Which names may reach a login program.
#include "epa/telnet/login_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/telnet/telnet_test_support.h"

namespace epa::telnet {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

TEST(LoginName, WellFormedNames) {
  for (const std::string_view name :
       {"alice", "Alice", "a", "_apt", "www-data", "john.smith", "user1", "1st", "a-"}) {
    EXPECT_TRUE(IsWellFormedLoginName(name)) << name;
  }
  EXPECT_TRUE(IsWellFormedLoginName(std::string(32, 'a')));
}

TEST(LoginName, EverythingElseIsNot) {
  using namespace std::string_view_literals;
  for (const std::string_view name :
       {""sv,    "-froot"sv, "-f"sv,      "--"sv,   "."sv,        ".."sv,   ".hidden"sv,
        "0"sv,   "1000"sv,   "a b"sv,     "a\tb"sv, "a\nb"sv,     "a/b"sv,  "../etc"sv,
        "a:b"sv, "a;b"sv,    "$(id)"sv,   "a'b"sv,  "a\"b"sv,     "a\\b"sv, "a@b"sv,
        "a$"sv,  "a=b"sv,    "root\0x"sv, "\x7f"sv, "\xc3\xa4"sv, "\xff"sv}) {
    EXPECT_FALSE(IsWellFormedLoginName(name)) << name;
  }
  EXPECT_FALSE(IsWellFormedLoginName(std::string(33, 'a')));
  EXPECT_FALSE(IsWellFormedLoginName("alice", 4));
}

TEST(LoginName, EachOctetOnItsOwn) {
  const std::string allowed = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const std::string inside = allowed + "0123456789.-";
  for (int octet = 0; octet < 256; ++octet) {
    const char c = static_cast<char>(octet);
    EXPECT_EQ(IsWellFormedLoginName(std::string(1, c)), allowed.find(c) != std::string::npos)
        << octet;
    EXPECT_EQ(IsWellFormedLoginName(std::string("a") + c + "a"),
              inside.find(c) != std::string::npos)
        << octet;
  }
}

// The login of `user` in domain LAB, with whatever `alter` does to it.
TestServer LoggedInAs(const std::string& user, test::FakeScript acceptor = test::FakeAcceptorScript,
                      ExtendedProtectionOptions policy = {
                          .mode = ExtendedProtectionMode::kLegacy}) {
  test::FakePackageOptions package;
  package.acceptor = std::move(acceptor);
  ServerOptions options = FakeServerOptions(std::move(package));
  options.policy = PolicyOf(std::move(policy));
  TestServer server(std::move(options));
  server.Receive(std::string(kWill) + Negotiate() + Authenticate("login " + user));
  return server;
}

TEST(LoginName, OfAUserWhoIsLoggedIn) {
  const TestServer server = LoggedInAs("alice");
  ASSERT_NE(server.connection->context(), nullptr);
  EXPECT_THAT(LoginNameOf(*server.connection->context(), {.domain = "lab"}),
              test::IsOkAndHolds("alice"));
}

TEST(LoginName, OfAnotherDomain) {
  const TestServer server = LoggedInAs("alice");
  for (const std::string domain : {"", "OTHER", "LA", "LABO"}) {
    EXPECT_THAT(LoginNameOf(*server.connection->context(), {.domain = domain}),
                StatusIs(kDenied, HasSubstr("domain")));
  }
}

TEST(LoginName, ThatIsNotWellFormed) {
  for (const std::string user : {"-froot", "a b", "..", "7"}) {
    const TestServer server = LoggedInAs(user);
    ASSERT_NE(server.connection->context(), nullptr);
    EXPECT_THAT(LoginNameOf(*server.connection->context(), {.domain = "LAB"}), StatusIs(kDenied));
  }
}

TEST(LoginName, OfGuestsAndAnonymousClients) {
  for (const IdentityKind kind : {IdentityKind::kGuest, IdentityKind::kAnonymous}) {
    const auto script = [kind](std::string_view token, int step, test::FakeLogin& login) {
      login.identity =
          kind == IdentityKind::kGuest ? PeerIdentity::Guest() : PeerIdentity::Anonymous();
      return test::FakeAcceptorScript(token, step, login);
    };
    const TestServer server = LoggedInAs(
        "alice", script,
        {.mode = ExtendedProtectionMode::kLegacy, .allow_guest = true, .allow_anonymous = true});
    ASSERT_NE(server.connection->context(), nullptr);
    EXPECT_THAT(LoginNameOf(*server.connection->context(), {.domain = "LAB"}),
                StatusIs(kDenied, HasSubstr("guest")));
  }
}

TEST(LoginName, OfAContextThatIsNotEstablished) {
  AcceptOptions options;
  options.credentials = FakeNtlm();
  options.policy = PolicyOf({.mode = ExtendedProtectionMode::kLegacy});
  options.channel = Channel::Plain();
  options.audit = NoAudit();
  ASSERT_OK_AND_ASSIGN(const auto context, SecurityContext::Accept(std::move(options)));
  EXPECT_THAT(LoginNameOf(*context, {.domain = "LAB"}), StatusIs(kDenied));
  ASSERT_OK(context->Step(test::FakeToken("hello")));
  EXPECT_THAT(LoginNameOf(*context, {.domain = "LAB"}), StatusIs(kDenied));
  ASSERT_OK(context->Step(test::FakeToken("wrong")));
  EXPECT_THAT(LoginNameOf(*context, {.domain = "LAB"}), StatusIs(kDenied));
}

TEST(LoginName, OfAClientsSideNobodyIsKnown) {
  TestClient client;
  client.Receive(std::string(kDo) + std::string(kSend) + Challenge() + std::string(kAccept));
  ASSERT_TRUE(client.connection->context()->established());
  EXPECT_THAT(LoginNameOf(*client.connection->context(), {.domain = ""}), StatusIs(kDenied));
}

}  // namespace
}  // namespace epa::telnet
