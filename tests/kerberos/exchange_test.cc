// Both ends of a Kerberos login against each other, through the security context.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "epa/kerberos/credential_cache.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::kerberos {
namespace {

using test::KerberosBindings;
using test::KerberosExchange;
using test::KerberosSetup;
using test::RunKerberos;
using test::StatusIs;

std::string Explain(const KerberosExchange& exchange) {
  return std::string(ReasonName(exchange.client->reason())) + " " +
         exchange.client->reason_detail() + " / " +
         std::string(ReasonName(exchange.server->reason())) + " " +
         exchange.server->reason_detail();
}

TEST(KerberosExchangeTest, MatchingBindingIsAcceptedInRequireMode) {
  const KerberosExchange exchange = RunKerberos({});
  ASSERT_EQ(exchange.server_result.state, StepState::kEstablished) << Explain(exchange);
  ASSERT_EQ(exchange.client_result.state, StepState::kEstablished) << Explain(exchange);
  EXPECT_EQ(exchange.server->reason(), Reason::kBindingMatched);
  const auto peer = exchange.server->peer();
  ASSERT_OK(peer);
  EXPECT_EQ(peer->account()->user, "alice");
  EXPECT_EQ(peer->account()->domain, "TEST.EXAMPLE");
  ASSERT_NE(peer->account()->authorization, nullptr);
  EXPECT_EQ(peer->account()->authorization->principal, "alice@TEST.EXAMPLE");
  EXPECT_TRUE(peer->account()->authorization->has_verified_pac);
  EXPECT_GT(peer->account()->authorization->authentication_time, kUnixEpochTicks);
  const auto end = exchange.server->expiry_time();
  ASSERT_OK(end);
  EXPECT_GT(*end, peer->account()->authorization->authentication_time);
  EXPECT_LT(*end, kNever);
  EXPECT_EQ(exchange.client->expiry_time().value_or(0), *end);
  EXPECT_EQ(peer->account()->authorization->delegated_credentials, nullptr);
  const auto evidence = exchange.server->evidence();
  ASSERT_OK(evidence);
  EXPECT_EQ(evidence->binding, BindingEvidence::kMatched);
  EXPECT_EQ(evidence->matched_binding, 0u);
  EXPECT_EQ(evidence->target_name, test::kKerberosTarget);
  EXPECT_EQ(evidence->target_name_voucher, TargetNameVoucher::kClient);
}

TEST(KerberosExchangeTest, AsksTheKdcInPendingWorkAndTheCacheWithout) {
  const auto initiator = test::MakeInitiator(test::RealmInitiator());
  for (const StepState expected : {StepState::kPending, StepState::kContinue}) {
    KerberosSetup setup;
    setup.initiator = initiator;
    const auto client = test::MakeKerberosClient(setup);
    auto step = client->Step({});
    ASSERT_OK(step);
    EXPECT_EQ(step->state, expected);
    if (step->state == StepState::kPending) {
      step->pending_work->Run();
      ASSERT_OK(client->Resume(std::move(step->pending_work)));
    }
  }
}

// Nothing is read out of the object that comes back: it may be another exchange's, or anything.
TEST(KerberosExchangeTest, WorkOfAStrangerResumesNothing) {
  struct Stranger : PendingWork {
    void Run() override {}
  };
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(test::RealmInitiator());
  const auto client = test::MakeKerberosClient(setup);
  auto step = client->Step({});
  ASSERT_OK(step);
  ASSERT_EQ(step->state, StepState::kPending);
  EXPECT_FALSE(client->Resume(std::make_unique<Stranger>()).ok());
  EXPECT_FALSE(client->established());
}

TEST(KerberosExchangeTest, OneLegWithoutMutualAuthentication) {
  InitiatorOptions options = test::RealmInitiator();
  options.mutual_authentication = false;
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(std::move(options));
  setup.parameters.want_sealing = true;
  const KerberosExchange exchange = RunKerberos(setup);
  ASSERT_EQ(exchange.server_result.state, StepState::kEstablished) << Explain(exchange);
  EXPECT_EQ(exchange.client_result.state, StepState::kEstablished);
  EXPECT_TRUE(exchange.reply.empty());
  const std::vector<uint8_t> message(33, 5);
  const auto wrapped = exchange.server->Wrap(message);
  ASSERT_OK(wrapped);
  const auto plain = exchange.client->Unwrap(*wrapped);
  ASSERT_OK(plain);
  EXPECT_EQ(*plain, message);
}

TEST(KerberosExchangeTest, BothEndsExportTheSameSessionKey) {
  const KerberosExchange exchange = RunKerberos({});
  const auto client_key = exchange.client->ExportSessionKey();
  const auto server_key = exchange.server->ExportSessionKey();
  ASSERT_OK(client_key);
  ASSERT_OK(server_key);
  EXPECT_EQ(client_key->size(), 32u);
  EXPECT_TRUE(*client_key == *server_key);
}

TEST(KerberosExchangeTest, SecondOfSeveralBindingsMatches) {
  KerberosSetup setup;
  setup.server_channel = Channel::Tls(std::make_shared<const ChannelBindingsList>(
      ChannelBindingsList{KerberosBindings(9), KerberosBindings(1)}));
  const KerberosExchange exchange = RunKerberos(setup);
  ASSERT_EQ(exchange.server_result.state, StepState::kEstablished) << Explain(exchange);
  EXPECT_EQ(exchange.server->evidence()->matched_binding, 1u);
}

TEST(KerberosExchangeTest, UntrustedTargetNameIsSaid) {
  KerberosSetup setup;
  setup.parameters.target_name_untrusted = true;
  const KerberosExchange exchange = RunKerberos(setup);
  ASSERT_EQ(exchange.server_result.state, StepState::kEstablished) << Explain(exchange);
  EXPECT_EQ(exchange.server->evidence()->target_name_voucher, TargetNameVoucher::kUnsureClient);
}

TEST(KerberosExchangeTest, PortIsNotPartOfThePrincipal) {
  KerberosSetup setup;
  setup.parameters.target_name = "HTTP/server.test.example:8443";
  const KerberosExchange exchange = RunKerberos(setup);
  ASSERT_EQ(exchange.server_result.state, StepState::kEstablished) << Explain(exchange);
  EXPECT_EQ(exchange.server->evidence()->target_name, "HTTP/server.test.example:8443");
}

TEST(KerberosExchangeTest, KeytabFromOctetsAndServiceFilter) {
  AcceptorOptions options = test::RealmAcceptor();
  std::ifstream file(options.keytab_path, std::ios::binary);
  const std::string octets{std::istreambuf_iterator<char>(file), {}};
  options.keytab_path.clear();
  options.keytab = SecretBytes::FromText(octets);
  options.service_principals = {"http/SERVER.test.example@TEST.EXAMPLE"};
  KerberosSetup setup;
  setup.acceptor = test::MakeAcceptor(std::move(options));
  EXPECT_EQ(RunKerberos(setup).server_result.state, StepState::kEstablished);
  setup.parameters.target_name = "cifs/server.test.example";
  const KerberosExchange exchange = RunKerberos(setup);
  EXPECT_EQ(exchange.server_result.state, StepState::kRejected);
  EXPECT_EQ(exchange.server->reason(), Reason::kServiceNotAccepted);
}

TEST(KerberosExchangeTest, WhatWasDelegatedIsAFileForOtherPrograms) {
  InitiatorOptions options = test::RealmInitiator();
  options.delegate = true;
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(std::move(options));
  setup.parameters.target_name = "cifs/server.test.example";
  const KerberosExchange login = RunKerberos(setup);
  ASSERT_EQ(login.server_result.state, StepState::kEstablished) << Explain(login);
  const auto delegated = login.server->peer()->account()->authorization->delegated_credentials;
  ASSERT_NE(delegated, nullptr);

  const test::TemporaryFolder folder;
  ASSERT_OK_AND_ASSIGN(auto file, CredentialCacheFile::Create(*delegated, folder.path().string()));
  const std::string path = file->name().substr(std::string("FILE:").size());
  EXPECT_TRUE(path.starts_with(folder.File("epa-"))) << path;
  struct stat found = {};
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  InitiatorOptions onward = test::RealmInitiator();
  onward.principal.clear();
  onward.password = SecretBytes();
  onward.credential_cache = file->name();
  KerberosSetup next;
  next.initiator = test::MakeInitiator(std::move(onward));
  const KerberosExchange reached = RunKerberos(next);
  EXPECT_EQ(reached.server_result.state, StepState::kEstablished) << Explain(reached);
  file.reset();
  EXPECT_NE(stat(path.c_str(), &found), 0);

  EXPECT_THAT(CredentialCacheFile::Create(*delegated, folder.File("missing")).status(),
              StatusIs(absl::StatusCode::kInternal, testing::HasSubstr("/missing")));
  EXPECT_THAT(CredentialCacheFile::Create(*test::SharedAcceptor(), folder.path().string()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(KerberosExchangeTest, DelegatesOnlyWhereTheKdcAllowsIt) {
  InitiatorOptions options = test::RealmInitiator();
  options.delegate = true;
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(std::move(options));
  const KerberosExchange without = RunKerberos(setup);
  ASSERT_EQ(without.server_result.state, StepState::kEstablished) << Explain(without);
  EXPECT_EQ(without.server->peer()->account()->authorization->delegated_credentials, nullptr);
  setup.parameters.target_name = "cifs/server.test.example";
  const KerberosExchange with = RunKerberos(setup);
  ASSERT_EQ(with.server_result.state, StepState::kEstablished) << Explain(with);
  KerberosSetup onward;
  onward.initiator = with.server->peer()->account()->authorization->delegated_credentials;
  ASSERT_NE(onward.initiator, nullptr);
  const KerberosExchange second = RunKerberos(onward);
  ASSERT_EQ(second.server_result.state, StepState::kEstablished) << Explain(second);
  EXPECT_EQ(second.server->peer()->account()->user, "alice");
}

TEST(KerberosExchangeTest, CredentialCacheByItsName) {
  const auto cache = test::TestRealm().Login("bob");
  ASSERT_OK(cache);
  InitiatorOptions options;
  options.credential_cache = *cache;
  options.configuration.path = test::TestRealm().configuration_path();
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(std::move(options));
  const KerberosExchange exchange = RunKerberos(setup);
  ASSERT_EQ(exchange.server_result.state, StepState::kEstablished) << Explain(exchange);
  EXPECT_EQ(exchange.server->peer()->account()->user, "bob");
}

TEST(KerberosExchangeTest, ClientKeytab) {
  const std::string keytab = test::TestRealm().directory() + "/bob.keytab";
  ASSERT_OK(test::TestRealm().Admin("ktadd -norandkey -k " + keytab + " bob"));
  InitiatorOptions options;
  options.principal = "bob";
  options.client_keytab_path = keytab;
  options.configuration.contents = test::TestRealm().configuration();
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(std::move(options));
  const KerberosExchange exchange = RunKerberos(setup);
  ASSERT_EQ(exchange.server_result.state, StepState::kEstablished) << Explain(exchange);
  EXPECT_EQ(exchange.server->peer()->account()->user, "bob");
}

TEST(KerberosExchangeTest, SuppressedClientsSayLess) {
  for (const uint32_t suppress : {1, 3}) {
    InitiatorOptions options = test::RealmInitiator();
    options.policy.suppress_extended_protection = suppress;
    KerberosSetup setup;
    setup.initiator = test::MakeInitiator(std::move(options));
    setup.policy.mode = ExtendedProtectionMode::kAllow;
    const KerberosExchange bound = RunKerberos(setup);
    ASSERT_EQ(bound.server_result.state, StepState::kEstablished) << Explain(bound);
    EXPECT_EQ(bound.server->evidence()->binding,
              suppress == 1 ? BindingEvidence::kMatched : BindingEvidence::kAbsent);
    setup.parameters.binding = BindingRequest::kExplicitNone;
    const KerberosExchange none = RunKerberos(setup);
    ASSERT_EQ(none.server_result.state, StepState::kEstablished) << Explain(none);
    EXPECT_EQ(none.server->evidence()->binding, BindingEvidence::kAbsent);
  }
}

TEST(KerberosExchangeTest, PortInThePrincipalOnDemand) {
  const std::string service = "MSSQLSvc/db.test.example:1433";
  ASSERT_OK(test::TestRealm().Admin("addprinc -randkey " + service));
  ASSERT_OK(test::TestRealm().Admin("ktadd -k " + test::TestRealm().keytab_path() + " " + service));
  InitiatorOptions options = test::RealmInitiator();
  options.port_in_principal = true;
  KerberosSetup setup;
  setup.acceptor = test::MakeAcceptor(test::RealmAcceptor());
  setup.initiator = test::MakeInitiator(std::move(options));
  setup.parameters.target_name = service;
  const KerberosExchange exchange = RunKerberos(setup);
  ASSERT_EQ(exchange.server_result.state, StepState::kEstablished) << Explain(exchange);
  EXPECT_EQ(exchange.server->evidence()->target_name, service);
}

TEST(KerberosExchangeTest, TlsWithoutABindingIsNotPassedOffAsNone) {
  InitiateOptions options;
  options.credentials = test::SharedInitiator();
  options.channel = Channel::Tls(std::make_shared<const ChannelBindingsList>());
  options.parameters.target_name = std::string(test::kKerberosTarget);
  EXPECT_FALSE(SecurityContext::Initiate(std::move(options)).ok());
}

TEST(KerberosExchangeTest, TokensAreRecognisedByTheirLook) {
  const KerberosExchange exchange = RunKerberos({});
  const auto acceptor = test::SharedAcceptor();
  EXPECT_TRUE(acceptor->RecognizesToken(exchange.request));
  EXPECT_FALSE(acceptor->RecognizesToken(exchange.reply));
  EXPECT_FALSE(acceptor->RecognizesToken({}));
}

TEST(KerberosExchangeTest, AClientHasANameBeforeItsKdcIsAsked) {
  struct Row {
    std::string_view given;
    std::string user;
    std::string realm;
  };
  const Row rows[] = {
      {"alice@TEST.EXAMPLE", "alice", "TEST.EXAMPLE"},
      {"alice", "alice", "TEST.EXAMPLE"},  // the configuration's realm
      {"alice@ELSEWHERE", "alice", "ELSEWHERE"},
  };
  for (const Row& row : rows) {
    InitiatorOptions options;
    options.principal = row.given;
    options.password = SecretBytes::FromText("never sent");
    options.configuration.contents = "[libdefaults]\n default_realm = TEST.EXAMPLE\n";
    const InitiatorName name = test::MakeInitiator(std::move(options))->initiator_name();
    EXPECT_EQ(name.user, row.user) << row.given;
    EXPECT_EQ(name.domain, row.realm) << row.given;
  }
  InitiatorOptions empty;
  empty.credential_cache = "MEMORY:nobody put anything here";
  EXPECT_EQ(test::MakeInitiator(std::move(empty))->initiator_name().user, "");
}

}  // namespace
}  // namespace epa::kerberos
