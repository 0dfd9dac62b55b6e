// Negotiate as most programs want it, over the real providers and a KDC of our own.
#include "epa/defaults/defaults.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "epa/core/security_context.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa {
namespace {

using test::Bindings;

constexpr int kMostTokens = 10;

ntlm::AcceptorOptions NtlmAcceptor() {
  ntlm::AcceptorOptions options;
  options.authority = test::TestAuthority();
  return options;
}

ntlm::InitiatorOptions NtlmInitiator() {
  ntlm::InitiatorOptions options;
  options.user = "EXAMPLE\\alice";
  options.password = SecretBytes::FromText("secret-alice");
  return options;
}

ServerPackages BothServerPackages() { return {test::RealmAcceptor(), NtlmAcceptor()}; }
ClientPackages BothClientPackages() { return {test::RealmInitiator(), NtlmInitiator()}; }

struct Login {
  std::unique_ptr<SecurityContext> server;
  std::unique_ptr<SecurityContext> client;

  bool established() const { return server->established() && client->established(); }
};

Login LogIn(ServerPackages server, ClientPackages client,
            std::string target = std::string(test::kKerberosTarget)) {
  AcceptOptions accept;
  accept.credentials = *CreateServerCredentials(std::move(server));
  accept.policy = std::make_shared<ExtendedProtectionPolicy>(
      *ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kRequire}));
  accept.channel = Channel::Tls(Bindings(1));
  accept.audit = NoAudit();
  InitiateOptions initiate;
  initiate.credentials = *CreateClientCredentials(std::move(client));
  initiate.channel = Channel::Tls(Bindings(1));
  initiate.parameters.target_name = std::move(target);
  Login login{*SecurityContext::Accept(std::move(accept)),
              *SecurityContext::Initiate(std::move(initiate))};
  std::vector<uint8_t> token;
  for (int sent = 0; sent < kMostTokens; ++sent) {
    auto step = StepBlocking(sent % 2 == 0 ? *login.client : *login.server, token);
    EXPECT_OK(step);
    if (!step.ok() || step->token.empty()) {
      break;
    }
    token = std::move(step->token);
  }
  return login;
}

TEST(Defaults, KerberosIsPreferred) {
  const Login login = LogIn(BothServerPackages(), BothClientPackages());
  ASSERT_TRUE(login.established()) << ReasonName(login.server->reason());
  EXPECT_EQ(*login.server->package_name(), "Kerberos");
  EXPECT_EQ(*login.client->package_name(), "Kerberos");
  EXPECT_EQ(login.server->peer()->account()->user, "alice");
  EXPECT_EQ(login.server->peer()->account()->domain, "TEST.EXAMPLE");
  EXPECT_EQ(login.server->evidence()->binding, BindingEvidence::kMatched);
}

TEST(Defaults, NtlmIsUsedWhereNoTicketCanBeHad) {
  const Login login =
      LogIn(BothServerPackages(), BothClientPackages(), "HTTP/unknown.test.example");
  ASSERT_TRUE(login.established()) << ReasonName(login.server->reason());
  EXPECT_EQ(*login.server->package_name(), "NTLM");
  EXPECT_EQ(login.server->peer()->account()->domain, "EXAMPLE");
}

TEST(Defaults, NtlmIsUsedWhereTheServerHasNoKeytab) {
  const Login login = LogIn({std::nullopt, NtlmAcceptor()}, BothClientPackages());
  ASSERT_TRUE(login.established()) << ReasonName(login.server->reason());
  EXPECT_EQ(*login.server->package_name(), "NTLM");
  EXPECT_EQ(*login.client->package_name(), "NTLM");
}

TEST(Defaults, KerberosAloneTakesNoNtlm) {
  const Login login = LogIn({test::RealmAcceptor(), std::nullopt}, {std::nullopt, NtlmInitiator()});
  EXPECT_FALSE(login.server->established());
  EXPECT_EQ(login.server->reason(), Reason::kUnsupportedMechanism);
}

TEST(Defaults, NtlmAloneTakesNoKerberos) {
  const Login login = LogIn({std::nullopt, NtlmAcceptor()}, {test::RealmInitiator(), std::nullopt});
  EXPECT_FALSE(login.server->established());
  EXPECT_EQ(login.server->reason(), Reason::kUnsupportedMechanism);
}

// RestrictSendingNTLMTraffic and RestrictReceivingNTLMTraffic: Kerberos stays.
TEST(Defaults, NtlmThatTheClientDeniesLeavesKerberos) {
  ClientPackages client = BothClientPackages();
  client.ntlm->policy.outgoing = ntlm::OutgoingTraffic::kDeny;
  Login login = LogIn(BothServerPackages(), std::move(client));
  ASSERT_TRUE(login.established()) << ReasonName(login.server->reason());
  EXPECT_EQ(*login.client->package_name(), "Kerberos");
  for (const bool keytab : {true, false}) {
    ServerPackages server = BothServerPackages();
    if (!keytab) {
      server.kerberos.reset();
    }
    client = BothClientPackages();
    client.ntlm->policy.outgoing = ntlm::OutgoingTraffic::kDeny;
    login = LogIn(std::move(server), std::move(client),
                  keytab ? "HTTP/unknown.test.example" : std::string(test::kKerberosTarget));
    EXPECT_FALSE(login.established());
    EXPECT_EQ(login.client->reason(), Reason::kClientPolicyForbids);
  }
}

TEST(Defaults, NtlmThatTheServerDeniesLeavesKerberos) {
  ServerPackages server = BothServerPackages();
  server.ntlm->incoming = ntlm::IncomingTraffic::kDenyAll;
  Login login = LogIn(std::move(server), BothClientPackages());
  ASSERT_TRUE(login.established()) << ReasonName(login.server->reason());
  EXPECT_EQ(*login.server->package_name(), "Kerberos");
  server = BothServerPackages();
  server.ntlm->incoming = ntlm::IncomingTraffic::kDenyAll;
  login = LogIn(std::move(server), {std::nullopt, NtlmInitiator()});
  EXPECT_FALSE(login.established());
  EXPECT_EQ(login.server->reason(), Reason::kNtlmBlocked);
}

TEST(Defaults, NothingIsRefused) {
  EXPECT_THAT(CreateServerCredentials({}), test::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CreateClientCredentials({}), test::StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Defaults, PartThatCannotBeHadIsAnErrorAndNotLeftOut) {
  ServerPackages server = BothServerPackages();
  server.kerberos->keytab_path += ".absent";
  EXPECT_THAT(CreateServerCredentials(std::move(server)),
              test::StatusIs(absl::StatusCode::kNotFound));
  server = BothServerPackages();
  server.ntlm->authority = nullptr;
  EXPECT_FALSE(CreateServerCredentials(std::move(server)).ok());
  ClientPackages client = BothClientPackages();
  client.ntlm->policy.lm_compatibility_level = 2;
  EXPECT_FALSE(CreateClientCredentials(std::move(client)).ok());
}

}  // namespace
}  // namespace epa
