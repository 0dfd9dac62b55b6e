// What goes wrong has its precise reason, and the peer learns none of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/file_reports.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::kerberos {
namespace {

using ::testing::HasSubstr;

using test::KerberosExchange;
using test::KerberosSetup;
using test::KerberosStep;
using test::RunKerberos;
using test::TestRealm;

std::vector<uint8_t> FreshRequest() {
  const auto client = test::MakeKerberosClient({});
  return KerberosStep(*client, {}).token;
}

void ExpectRefused(const std::shared_ptr<const Credentials>& acceptor,
                   std::span<const uint8_t> request, Reason reason) {
  KerberosSetup setup;
  setup.acceptor = acceptor;
  const auto server = test::MakeKerberosServer(setup);
  const StepResult result = KerberosStep(*server, request);
  EXPECT_EQ(result.state, StepState::kRejected);
  EXPECT_TRUE(result.token.empty());
  EXPECT_EQ(server->reason(), reason)
      << ReasonName(server->reason()) << " " << server->reason_detail();
}

void ExpectAccepted(const std::shared_ptr<const Credentials>& acceptor,
                    std::span<const uint8_t> request) {
  KerberosSetup setup;
  setup.acceptor = acceptor;
  const auto server = test::MakeKerberosServer(setup);
  EXPECT_EQ(KerberosStep(*server, request).state, StepState::kEstablished)
      << server->reason_detail();
}

void ExpectClientRefuses(InitiatorOptions options, const std::string& target, Reason reason) {
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(std::move(options));
  setup.parameters.target_name = target;
  const auto client = test::MakeKerberosClient(setup);
  EXPECT_EQ(KerberosStep(*client, {}).state, StepState::kRejected);
  EXPECT_EQ(client->reason(), reason)
      << ReasonName(client->reason()) << " " << client->reason_detail();
}

// A name that is new in every repetition of a test: the realm remembers, and so do credentials.
std::string Fresh(const std::string& name) {
  static int repetition = 0;
  return name + std::to_string(++repetition);
}

TEST(KerberosRefusals, ReplayInProcess) {
  const auto acceptor = test::MakeAcceptor(test::RealmAcceptor());
  const std::vector<uint8_t> request = FreshRequest();
  ExpectAccepted(acceptor, request);
  ExpectRefused(acceptor, request, Reason::kReplay);
  ExpectAccepted(acceptor, FreshRequest());
}

TEST(KerberosRefusals, ReplaySharedBetweenServers) {
  // Keeps libkrb5's shared file out of the machine's.
  const std::string cache = "file2:" + TestRealm().directory() + "/replay";
  setenv("KRB5RCACHENAME", cache.c_str(), 1);
  AcceptorOptions options = test::RealmAcceptor();
  options.replay_cache = ReplayCache::kShared;
  const auto first = test::MakeAcceptor(std::move(options));
  options = test::RealmAcceptor();
  options.replay_cache = ReplayCache::kShared;
  const auto second = test::MakeAcceptor(std::move(options));
  const std::vector<uint8_t> request = FreshRequest();
  ExpectAccepted(first, request);
  ExpectRefused(second, request, Reason::kReplay);
  unsetenv("KRB5RCACHENAME");
}

TEST(KerberosRefusals, ReplayIsAcceptedOnlyWithoutACache) {
  AcceptorOptions options = test::RealmAcceptor();
  options.replay_cache = ReplayCache::kNone;
  const auto acceptor = test::MakeAcceptor(std::move(options));
  const std::vector<uint8_t> request = FreshRequest();
  ExpectAccepted(acceptor, request);
  ExpectAccepted(acceptor, request);
}

TEST(KerberosRefusals, KeyOfAnotherVersion) {
  const std::string service = "HTTP/" + Fresh("rekeyed") + ".test.example";
  const std::string keytab = TestRealm().directory() + "/old.keytab";
  ASSERT_OK(TestRealm().Admin("addprinc -randkey " + service));
  ASSERT_OK(TestRealm().Admin("ktadd -norandkey -k " + keytab + " " + service));
  ASSERT_OK(TestRealm().Admin("cpw -randkey " + service));
  AcceptorOptions options = test::RealmAcceptor();
  options.keytab_path = keytab;
  const test::FileReports reports;
  options.keytab_observer = reports.observer();
  KerberosSetup setup;
  setup.acceptor = test::MakeAcceptor(std::move(options));
  setup.parameters.target_name = service;
  const KerberosExchange exchange = RunKerberos(setup);
  EXPECT_EQ(exchange.server->reason(), Reason::kWrongKeyVersion);
  // The new key arrives: the file is read again.
  ASSERT_OK(TestRealm().Admin("ktadd -norandkey -k " + keytab + " " + service));
  EXPECT_TRUE(reports.AwaitSuccess());
  EXPECT_EQ(RunKerberos(setup).server_result.state, StepState::kEstablished);
}

TEST(KerberosRefusals, KeytabWithoutTheService) {
  const std::string keytab = TestRealm().directory() + "/cifs.keytab";
  ASSERT_OK(TestRealm().Admin("ktadd -norandkey -k " + keytab + " cifs/server.test.example"));
  AcceptorOptions options = test::RealmAcceptor();
  options.keytab_path = keytab;
  ExpectRefused(test::MakeAcceptor(std::move(options)), FreshRequest(), Reason::kKeyNotFound);
}

TEST(KerberosRefusals, KeytabThatGoesAwayLeavesTheKeysAsTheyWere) {
  const test::TemporaryFolder folder;
  AcceptorOptions options = test::RealmAcceptor();
  std::filesystem::copy_file(options.keytab_path, folder.File("keytab"));
  options.keytab_path = folder.File("keytab");
  const test::FileReports reports;
  options.keytab_observer = reports.observer();
  const auto acceptor = test::MakeAcceptor(std::move(options));
  ExpectAccepted(acceptor, FreshRequest());
  std::filesystem::remove(folder.File("keytab"));
  EXPECT_TRUE(reports.Await([](const absl::Status& status) { return absl::IsNotFound(status); }));
  ExpectAccepted(acceptor, FreshRequest());
}

TEST(KerberosRefusals, MissingKeytabIsFoundAtOnce) {
  AcceptorOptions options = test::RealmAcceptor();
  options.keytab_path = TestRealm().directory() + "/nowhere.keytab";
  EXPECT_THAT(CreateAcceptorCredentials(std::move(options)),
              test::StatusIs(absl::StatusCode::kNotFound));
}

TEST(KerberosRefusals, DamagedFilesAreFoundAtOnceAndNamed) {
  const std::string octets = "\x05\x04\x01";  // cut within the header of a cache and of a keytab
  const std::string damaged = TestRealm().directory() + "/damaged";
  std::ofstream(damaged) << octets;
  const std::string header_only = TestRealm().directory() + "/no-keys";
  std::ofstream(header_only) << "\x05\x02";
  const std::string syntax = TestRealm().directory() + "/syntax";
  std::ofstream(syntax) << "[libdefaults]\n}\n";
  for (const std::string& path : {damaged, header_only}) {
    AcceptorOptions options = test::RealmAcceptor();
    options.keytab_path = path;
    EXPECT_THAT(CreateAcceptorCredentials(std::move(options)).status().message(), HasSubstr(path));
  }
  InitiatorOptions cache;
  cache.credential_cache = "FILE:" + damaged;
  cache.configuration.contents = TestRealm().configuration();
  EXPECT_THAT(CreateInitiatorCredentials(std::move(cache)).status().message(), HasSubstr(damaged));
  InitiatorOptions configured = test::RealmInitiator();
  configured.configuration = {.path = syntax, .contents = ""};
  EXPECT_THAT(CreateInitiatorCredentials(std::move(configured)).status().message(),
              HasSubstr(syntax));
}

TEST(KerberosRefusals, Rc4OnlyWhereItIsAllowed) {
  const std::string service = "HTTP/old.test.example";
  const std::string keytab = TestRealm().directory() + "/rc4.keytab";
  ASSERT_OK(TestRealm().Admin("addprinc -randkey -e arcfour-hmac:normal " + service));
  ASSERT_OK(TestRealm().Admin("setstr " + service + " session_enctypes aes256-cts"));
  ASSERT_OK(TestRealm().Admin("ktadd -norandkey -k " + keytab + " " + service));
  for (const bool allowed : {false, true}) {
    AcceptorOptions options = test::RealmAcceptor();
    options.keytab_path = keytab;
    options.allow_weak_encryption = allowed;
    KerberosSetup setup;
    setup.acceptor = test::MakeAcceptor(std::move(options));
    setup.parameters.target_name = service;
    const KerberosExchange exchange = RunKerberos(setup);
    EXPECT_EQ(exchange.server->reason(),
              allowed ? Reason::kBindingMatched : Reason::kEncryptionTypeRefused)
        << exchange.server->reason_detail();
  }
}

TEST(KerberosRefusals, ClientSideReasons) {
  const std::string target(test::kKerberosTarget);
  InitiatorOptions wrong = test::RealmInitiator();
  wrong.password = SecretBytes::FromText("guessed");
  ExpectClientRefuses(std::move(wrong), target, Reason::kWrongPassword);
  InitiatorOptions unknown = test::RealmInitiator();
  unknown.principal = "nobody";
  ExpectClientRefuses(std::move(unknown), target, Reason::kUnknownUser);
  ExpectClientRefuses(test::RealmInitiator(), "HTTP/unknown.test.example", Reason::kTargetUnknown);
  InitiatorOptions empty;
  empty.credential_cache = "FILE:" + TestRealm().directory() + "/no-such-cache";
  empty.configuration.contents = TestRealm().configuration();
  ExpectClientRefuses(std::move(empty), target, Reason::kNoCredentials);
}

// libkrb5 would wait for somebody to write into it.
TEST(KerberosRefusals, APipeIsNeitherCacheNorKeytabOfAClient) {
  const test::TemporaryFolder folder;
  const std::string pipe = folder.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& name : {pipe, "FILE:" + pipe}) {
    InitiatorOptions cache;
    cache.credential_cache = name;
    cache.configuration.contents = TestRealm().configuration();
    EXPECT_THAT(
        CreateInitiatorCredentials(std::move(cache)),
        test::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a regular file")));
  }
  InitiatorOptions keytab = test::RealmInitiator();
  keytab.password = {};
  keytab.client_keytab_path = pipe;
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(std::move(keytab));
  EXPECT_THAT(StepBlocking(*test::MakeKerberosClient(setup), {}),
              test::StatusIs(absl::StatusCode::kInternal, HasSubstr("not a regular file")));
}

// An expired password is right, and a locked account is not an unknown one.
TEST(KerberosRefusals, WhatTheKdcSaysOfTheAccount) {
  struct Case {
    std::string name;
    std::string admin;  // after "addprinc -pw secret "
    Reason reason;
    std::string words;
  };
  const std::vector<Case> cases = {
      {Fresh("expired"), "-pwexpire \"1 hour ago\" ", Reason::kPasswordExpired, "Password"},
      {Fresh("disabled"), "-allow_tix ", Reason::kAccountDisabled, "revoked"},
      {Fresh("gone"), "-expire \"1 hour ago\" ", Reason::kAccountExpired, "expired"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    ASSERT_OK(TestRealm().Admin("addprinc -pw secret " + one.admin + one.name));
    InitiatorOptions options = test::RealmInitiator();
    options.principal = one.name;
    options.password = SecretBytes::FromText("secret");
    KerberosSetup setup;
    setup.initiator = test::MakeInitiator(std::move(options));
    const auto client = test::MakeKerberosClient(setup);
    EXPECT_EQ(KerberosStep(*client, {}).state, StepState::kRejected);
    EXPECT_EQ(client->reason(), one.reason) << ReasonName(client->reason());
    EXPECT_THAT(client->reason_detail(), HasSubstr(one.words));
  }
}

TEST(KerberosRefusals, RealmInLowerCase) {
  InitiatorOptions options = test::RealmInitiator();
  options.principal = "alice@test.example";
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(std::move(options));
  const KerberosExchange exchange = RunKerberos(setup);
  EXPECT_EQ(exchange.server_result.state, StepState::kEstablished);
  EXPECT_EQ(exchange.server->peer().value().account()->authorization->principal,
            "alice@TEST.EXAMPLE");
}

// However a name may be read, a wrong password is tried once: the second time would lock it out.
TEST(KerberosRefusals, WrongPasswordIsTriedOnce) {
  const std::string user = Fresh("counted");
  ASSERT_OK(TestRealm().Admin("addpol -maxfailure 2 " + user));
  ASSERT_OK(
      TestRealm().Admin("addprinc -pw secret +requires_preauth -policy " + user + " " + user));
  const auto log_in = [&user](const char* password) {
    InitiatorOptions options = test::RealmInitiator();
    options.principal = user + "@test.example";
    options.password = SecretBytes::FromText(password);
    KerberosSetup setup;
    setup.initiator = test::MakeInitiator(std::move(options));
    const auto client = test::MakeKerberosClient(setup);
    const bool began = KerberosStep(*client, {}).state == StepState::kContinue;
    return began ? Reason::kNone : client->reason();
  };
  EXPECT_EQ(log_in("guessed"), Reason::kWrongPassword);
  EXPECT_EQ(log_in("secret"), Reason::kNone);
  EXPECT_EQ(log_in("guessed"), Reason::kWrongPassword);
  EXPECT_EQ(log_in("guessed again"), Reason::kWrongPassword);
  // Locked out: no password helps any more.
  EXPECT_EQ(log_in("secret"), Reason::kAccountDisabled);
}

// Of several answers the one about the realm that was named is told.
TEST(KerberosRefusals, UnknownNameTellsOfItsOwnRealm) {
  InitiatorOptions elsewhere = test::RealmInitiator();
  elsewhere.principal = "alice@ELSEWHERE.EXAMPLE";
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(std::move(elsewhere));
  const auto client = test::MakeKerberosClient(setup);
  const auto result = StepBlocking(*client, {});
  EXPECT_THAT(result, test::StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(result.status().message(), HasSubstr("ELSEWHERE.EXAMPLE"));
  InitiatorOptions nobody = test::RealmInitiator();
  nobody.principal = "nobody@test.example";
  ExpectClientRefuses(std::move(nobody), std::string(test::kKerberosTarget), Reason::kUnknownUser);
}

TEST(KerberosRefusals, CacheOfAnUnknownKindIsFoundAtOnce) {
  InitiatorOptions options;
  options.credential_cache = "NOSUCHKIND:x";
  options.configuration.contents = TestRealm().configuration();
  const auto made = CreateInitiatorCredentials(std::move(options));
  EXPECT_THAT(made, test::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(made.status().message(), HasSubstr("NOSUCHKIND:x"));
}

// gokrb5 proves nothing, whatever header it sends: one outcome.
TEST(KerberosRefusals, SilenceOfTheServerFailsMutualAuthentication) {
  const auto client = test::MakeKerberosClient({});
  EXPECT_EQ(KerberosStep(*client, {}).state, StepState::kContinue);
  EXPECT_EQ(KerberosStep(*client, {}).state, StepState::kRejected);
  EXPECT_EQ(client->reason(), Reason::kMutualAuthenticationFailed);
}

TEST(KerberosRefusals, WithoutMutualAuthenticationTheServerProvesNothing) {
  for (const bool mutual : {true, false}) {
    InitiatorOptions options = test::RealmInitiator();
    options.mutual_authentication = mutual;
    KerberosSetup setup;
    setup.initiator = test::MakeInitiator(std::move(options));
    const KerberosExchange exchange = RunKerberos(setup);
    ASSERT_OK_AND_ASSIGN(const ServerIdentity server, exchange.client->server());
    EXPECT_EQ(server.mutually_authenticated, mutual);
  }
}

TEST(KerberosRefusals, NoKdcIsAFaultOfOurs) {
  auto kdc = test::PrivateKdc::Start(test::TestKdcOptions());
  ASSERT_OK(kdc);
  InitiatorOptions options = test::RealmInitiator();
  options.configuration.contents = (*kdc)->configuration();
  (*kdc)->Stop();
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(std::move(options));
  const auto client = test::MakeKerberosClient(setup);
  EXPECT_THAT(StepBlocking(*client, {}), test::StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(client->reason(), Reason::kAuthorityUnavailable);
}

TEST(KerberosRefusals, AlteredReplyFailsMutualAuthentication) {
  KerberosSetup setup;
  setup.on_reply = [](std::vector<uint8_t>& reply) { reply.back() ^= 1; };
  const KerberosExchange exchange = RunKerberos(setup);
  EXPECT_EQ(exchange.client_result.state, StepState::kRejected);
  EXPECT_EQ(exchange.client->reason(), Reason::kMutualAuthenticationFailed);
}

TEST(KerberosRefusals, LongerTokensThanAnyPeerSends) {
  const size_t most = KerberosPackageInfo().max_token_size;
  for (const size_t size : {most, most + 1}) {
    const std::vector<uint8_t> token(size, 0x60);
    const Reason reason = size > most ? Reason::kTokenTooLarge : Reason::kMalformedToken;
    ExpectRefused(test::SharedAcceptor(), token, reason);
    const auto client = test::MakeKerberosClient({});
    KerberosStep(*client, {});
    EXPECT_EQ(KerberosStep(*client, token).state, StepState::kRejected);
    EXPECT_EQ(client->reason(), reason);
  }
}

TEST(KerberosRefusals, TruncatedRequestsAreMalformed) {
  const std::vector<uint8_t> request = FreshRequest();
  for (size_t size = 0; size < request.size(); ++size) {
    ExpectRefused(test::SharedAcceptor(), std::span(request).first(size), Reason::kMalformedToken);
  }
}

// Whatever bit an attacker turns, it is the peer's doing and never a fault of ours.
TEST(KerberosRefusals, TurnedBitsAreNeverAFault) {
  AcceptorOptions options = test::RealmAcceptor();
  options.replay_cache = ReplayCache::kNone;
  const auto acceptor = test::MakeAcceptor(std::move(options));
  const std::vector<uint8_t> request = FreshRequest();
  for (size_t bit = 0; bit < 8 * request.size(); ++bit) {
    std::vector<uint8_t> altered = request;
    altered[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    KerberosSetup setup;
    setup.acceptor = acceptor;
    const auto server = test::MakeKerberosServer(setup);
    const auto result = server->Step(altered);
    EXPECT_OK(result) << "octet " << bit / 8 << ": " << server->reason_detail();
  }
}

TEST(KerberosRefusals, RequestAfterTheEndAndReplyAsRequest) {
  const KerberosExchange exchange = RunKerberos({});
  ExpectRefused(test::SharedAcceptor(), exchange.reply, Reason::kUnexpectedMessage);
  EXPECT_FALSE(exchange.server->Step(exchange.request).ok());
}

TEST(KerberosRefusals, OptionsThatContradictThemselves) {
  EXPECT_FALSE(CreateInitiatorCredentials({}).ok());
  InitiatorOptions two = test::RealmInitiator();
  two.client_keytab_path = TestRealm().keytab_path();
  EXPECT_FALSE(CreateInitiatorCredentials(std::move(two)).ok());
  InitiatorOptions suppress = test::RealmInitiator();
  suppress.policy.suppress_extended_protection = 2;
  EXPECT_FALSE(CreateInitiatorCredentials(std::move(suppress)).ok());
  EXPECT_FALSE(CreateAcceptorCredentials({}).ok());
}

TEST(KerberosRefusals, ThreadsShareCredentials) {
  const auto acceptor = test::MakeAcceptor(test::RealmAcceptor());
  const auto initiator = test::MakeInitiator(test::RealmInitiator());
  std::vector<std::thread> threads;
  std::atomic<int> established = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 25; ++round) {
        KerberosSetup setup;
        setup.acceptor = acceptor;
        setup.initiator = initiator;
        established += RunKerberos(setup).client_result.state == StepState::kEstablished;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(established, 100);
}

}  // namespace
}  // namespace epa::kerberos
