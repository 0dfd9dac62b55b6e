// One connection that meets several sites: whose it is, and what counts where.
#include "modules/web/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "lib/base/base64.h"
#include "modules/web/directives.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::web {
namespace {

using ::epa::test::StatusIs;
using ::testing::HasSubstr;
using Action = http::Verdict::Action;

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() { folder_.Write("accounts", "EXAMPLE:alice:secret\nEXAMPLE:bob:secret\n"); }

  const Site& SiteOf(const std::string& name, const std::string& value,
                     const std::string& spn = "") {
    SiteSettings settings;
    settings.given = {{.name = "accounts", .value = folder_.File("accounts"), .where = "x"},
                      {.name = name, .value = value, .where = "y"}};
    if (!spn.empty()) {
      settings.given.push_back({.name = "spn", .value = spn, .where = "z"});
    }
    return *sites_.Get(settings).value();
  }

  SiteLogins& At(const Site& site) {
    return *connection_
                .LoginsAt(site, false,
                          [this] {
                            ++channels_;
                            return absl::StatusOr<Channel>(Channel::Tls(test::Bindings(1)));
                          })
                .value();
  }

  http::Verdict Ask(const Site& site, const std::string& field = "") {
    http::RequestView view;
    if (!field.empty()) {
      view.authorization = {field};
    }
    return At(site).OnRequest(view);
  }

  // The verdict on the last message.
  http::Verdict LogIn(const Site& site, const std::string& user, uint8_t binding = 1) {
    ntlm::InitiatorOptions options;
    options.user = user;
    options.domain = "EXAMPLE";
    options.password = SecretBytes::FromText("secret");
    const auto client = test::MakeClient(std::move(options), Channel::Tls(test::Bindings(binding)),
                                         {.target_name = "HTTP/server.example.com"});
    const auto field = [](const std::vector<uint8_t>& token) {
      return "NTLM " + EncodeBase64(token);
    };
    const http::Verdict challenge = Ask(site, field(test::StepOrDie(*client, {}).token));
    const std::string text = challenge.headers.front().second;
    const auto token = DecodeBase64AnyPadding(text.substr(text.find(' ') + 1)).value();
    return Ask(site, field(test::StepOrDie(*client, token).token));
  }

  test::TemporaryFolder folder_;
  Sites sites_{ApacheDirective, nullptr};
  Connection connection_{"192.0.2.1:1"};
  int channels_ = 0;
};

TEST_F(ConnectionTest, ALoginServesTheConnection) {
  const Site& site = SiteOf("extended-protection", "2");
  EXPECT_EQ(LogIn(site, "alice").action, Action::kServe);
  EXPECT_EQ(Ask(site).action, Action::kServe);
  EXPECT_EQ(channels_, 1);
}

TEST_F(ConnectionTest, WhatIsToldOfALoginIsFoundOutOnce) {
  const Site& site = SiteOf("extended-protection", "1");
  EXPECT_THAT(At(site).Facts(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(LogIn(site, "alice").action, Action::kServe);
  const auto first = At(site).Facts().value();
  EXPECT_EQ(first->user, "EXAMPLE\\alice");
  EXPECT_EQ(first->binding, "matched");
  EXPECT_EQ(Ask(site).action, Action::kServe);
  EXPECT_EQ(At(site).Facts().value(), first);
}

TEST_F(ConnectionTest, WhatIsToldIsOfTheLastLogin) {
  const Site& site = SiteOf("extended-protection", "0");
  EXPECT_EQ(LogIn(site, "alice", 1).action, Action::kServe);
  EXPECT_EQ(At(site).Facts().value()->binding, "matched");
  EXPECT_EQ(LogIn(site, "alice", 2).action, Action::kServe);
  EXPECT_EQ(At(site).Facts().value()->binding, "mismatched");
  EXPECT_EQ(Ask(site, "Basic YTpi").status, 401);
  EXPECT_THAT(At(site).Facts(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ConnectionTest, ALoginByWeakerRulesIsNoneByStrongerOnes) {
  const Site& weak = SiteOf("extended-protection", "0");
  const Site& strong = SiteOf("extended-protection", "2");
  EXPECT_EQ(LogIn(weak, "alice", 2).action, Action::kServe);
  EXPECT_EQ(Ask(strong).status, 401);
  EXPECT_EQ(LogIn(strong, "alice", 2).status, 401);
  EXPECT_EQ(Ask(weak).action, Action::kServe);
}

TEST_F(ConnectionTest, IsOneUsersAtAllSites) {
  const Site& weak = SiteOf("extended-protection", "0");
  const Site& strong = SiteOf("extended-protection", "2");
  EXPECT_EQ(Ask(strong).status, 401);  // it is known there before anybody logs in
  EXPECT_EQ(LogIn(weak, "alice").action, Action::kServe);
  const http::Verdict refused = LogIn(strong, "bob");
  EXPECT_EQ(refused.status, 401);
  EXPECT_TRUE(refused.close);
  EXPECT_EQ(LogIn(SiteOf("extended-protection", "1"), "alice").action, Action::kServe);
}

TEST_F(ConnectionTest, IsHalfWayWhileALoginAwaitsItsClient) {
  const Site& site = SiteOf("extended-protection", "2");
  EXPECT_FALSE(connection_.half_way());
  EXPECT_EQ(Ask(site).status, 401);
  EXPECT_FALSE(connection_.half_way());
  const auto client = test::MakeClient({}, Channel::Tls(test::Bindings(1)), {});
  EXPECT_EQ(Ask(site, "NTLM " + EncodeBase64(test::StepOrDie(*client, {}).token)).status, 401);
  EXPECT_TRUE(connection_.half_way());
  EXPECT_EQ(Ask(SiteOf("extended-protection", "0")).status, 401);
  EXPECT_TRUE(connection_.half_way());
  EXPECT_EQ(LogIn(site, "alice").action, Action::kServe);
  EXPECT_FALSE(connection_.half_way());
}

TEST_F(ConnectionTest, WithoutAChannelThereIsNoLogin) {
  const auto none = [] {
    return absl::StatusOr<Channel>(absl::FailedPreconditionError("no handshake"));
  };
  EXPECT_THAT(connection_.LoginsAt(SiteOf("extended-protection", "2"), false, none),
              StatusIs(absl::StatusCode::kFailedPrecondition, "no handshake"));
}

TEST_F(ConnectionTest, TheChannelIsAsTheScenarioSays) {
  const auto certificates = TlsCertificates::Create({}).value();
  EXPECT_EQ(ChannelFor(SiteOf("scenario", "proxy", "HTTP/www.example.com"), nullptr, *certificates)
                ->kind(),
            ChannelKind::kTrustedProxy);
  EXPECT_THAT(ChannelFor(SiteOf("extended-protection", "1"), nullptr, *certificates),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no TLS")));
}

}  // namespace
}  // namespace epa::web
