// A server's certificates: the one selected on the connection is the one that is bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "epa/tls/channel_binding.h"
#include "tests/support/certificates.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_connection.h"

namespace epa::tls {
namespace {

using ::epa::test::Certificate;
using ::epa::test::CreateCertificate;
using ::epa::test::CreateClientContext;
using ::epa::test::CreateServerContext;
using ::epa::test::CreateTlsConnection;
using ::epa::test::KeyType;
using ::epa::test::SslContext;
using ::epa::test::StatusIs;
using ::epa::test::TlsConnection;
using ::epa::test::TlsConnectionOptions;

ChannelBindingToken TokenOf(const Certificate& certificate) {
  return EndpointBindingOf(certificate.der, UndefinedHashRule::kSha256).value().bindings->token();
}

std::shared_ptr<const ServerCertificates> Cache(const SslContext& context) {
  const std::array<SSL_CTX*, 1> contexts = {context.get()};
  return ServerCertificates::Create(contexts).value();
}

class ServerCertificatesTest : public ::testing::TestWithParam<int> {
 protected:
  // Only certificates with keys of this kind will do for the client.
  static SslContext ClientFor(int version, KeyType key) {
    SslContext context = CreateClientContext(version);
    const char* algorithms =
        key == KeyType::kRsa2048 ? "rsa_pss_rsae_sha256:RSA+SHA256" : "ECDSA+SHA256";
    EXPECT_EQ(SSL_CTX_set1_sigalgs_list(context.get(), algorithms), 1);
    return context;
  }

  static TlsConnection Connect(const SslContext& server, const SslContext& client,
                               const TlsConnectionOptions& options = {}) {
    TlsConnection connection = CreateTlsConnection(server, client, options);
    EXPECT_TRUE(connection.Handshake());
    return connection;
  }

  // Made once for all tests: an RSA key takes its time.
  static inline const Certificate rsa_ = CreateCertificate({.key = KeyType::kRsa2048}).value();
  static inline const Certificate ecdsa_ =
      CreateCertificate({.key = KeyType::kEcdsaP256, .digest = "SHA384"}).value();
  static inline const std::vector<Certificate> both_ = {rsa_, ecdsa_};
};

TEST_P(ServerCertificatesTest, ClientThatNeedsRsaIsBoundToTheRsaCertificate) {
  const SslContext server = CreateServerContext(GetParam(), both_);
  const auto cache = Cache(server);
  const TlsConnection connection = Connect(server, ClientFor(GetParam(), KeyType::kRsa2048));
  ASSERT_OK_AND_ASSIGN(const Channel channel, cache->ChannelOf(connection.server.get()));
  ASSERT_EQ(channel.bindings().size(), 1U);
  EXPECT_EQ(channel.bindings()[0].token(), TokenOf(rsa_));
}

TEST_P(ServerCertificatesTest, ClientThatNeedsEcdsaIsBoundToTheEcdsaCertificate) {
  const SslContext server = CreateServerContext(GetParam(), both_);
  const auto cache = Cache(server);
  const TlsConnection connection = Connect(server, ClientFor(GetParam(), KeyType::kEcdsaP256));
  ASSERT_OK_AND_ASSIGN(const Channel channel, cache->ChannelOf(connection.server.get()));
  ASSERT_EQ(channel.bindings().size(), 1U);
  EXPECT_EQ(channel.bindings()[0].token(), TokenOf(ecdsa_));
}

TEST_P(ServerCertificatesTest, FreeFunctionAgreesForEachClient) {
  const SslContext server = CreateServerContext(GetParam(), both_);
  for (const KeyType key : {KeyType::kRsa2048, KeyType::kEcdsaP256}) {
    const TlsConnection connection = Connect(server, ClientFor(GetParam(), key));
    ASSERT_OK_AND_ASSIGN(const Channel channel, ChannelOf(connection.server.get()));
    ASSERT_EQ(channel.bindings().size(), 1U);
    EXPECT_EQ(channel.bindings()[0].token(), TokenOf(key == KeyType::kRsa2048 ? rsa_ : ecdsa_));
  }
}

int SwitchContext(SSL* ssl, int* /*alert*/, void* other) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name != nullptr && std::string_view(name) == "other.example") {
    SSL_set_SSL_CTX(ssl, static_cast<SSL_CTX*>(other));
  }
  return SSL_TLSEXT_ERR_OK;
}

TEST_P(ServerCertificatesTest, ServerNameSelectsTheContextAndItsCertificate) {
  const SslContext first = CreateServerContext(GetParam(), std::vector<Certificate>{rsa_});
  const SslContext second = CreateServerContext(GetParam(), std::vector<Certificate>{ecdsa_});
  SSL_CTX_set_tlsext_servername_callback(first.get(), SwitchContext);
  SSL_CTX_set_tlsext_servername_arg(first.get(), second.get());
  const std::array<SSL_CTX*, 2> contexts = {first.get(), second.get()};
  ASSERT_OK_AND_ASSIGN(const auto cache, ServerCertificates::Create(contexts));
  const SslContext client = CreateClientContext(GetParam());

  const TlsConnection here = Connect(first, client, {.server_name = "localhost"});
  ASSERT_OK_AND_ASSIGN(const Channel here_channel, cache->ChannelOf(here.server.get()));
  EXPECT_EQ(here_channel.Find(TokenOf(rsa_)), 0U);
  EXPECT_EQ(here_channel.bindings().size(), 1U);

  const TlsConnection there = Connect(first, client, {.server_name = "other.example"});
  ASSERT_OK_AND_ASSIGN(const Channel there_channel, cache->ChannelOf(there.server.get()));
  EXPECT_EQ(there_channel.Find(TokenOf(ecdsa_)), 0U);
  EXPECT_EQ(there_channel.bindings().size(), 1U);
}

TEST_P(ServerCertificatesTest, ResumedSessionCountsEveryCertificateOfItsContext) {
  const SslContext server = CreateServerContext(GetParam(), both_);
  const auto cache = Cache(server);
  const SslContext client = ClientFor(GetParam(), KeyType::kRsa2048);
  const TlsConnection first = Connect(server, client);
  const TlsConnection resumed = Connect(server, client, {.resume = first.Session()});
  ASSERT_EQ(SSL_session_reused(resumed.server.get()), 1);

  ASSERT_OK_AND_ASSIGN(const Channel channel, cache->ChannelOf(resumed.server.get()));
  EXPECT_EQ(channel.bindings().size(), 2U);
  EXPECT_TRUE(channel.Find(TokenOf(rsa_)).has_value());
  EXPECT_TRUE(channel.Find(TokenOf(ecdsa_)).has_value());

  ASSERT_OK_AND_ASSIGN(const Channel client_channel, ChannelOf(resumed.client.get()));
  ASSERT_EQ(client_channel.bindings().size(), 1U);
  EXPECT_EQ(client_channel.bindings()[0].token(), TokenOf(rsa_));
}

TEST_P(ServerCertificatesTest, ResumedSessionDoesNotCountAnotherContextsCertificate) {
  const SslContext server = CreateServerContext(GetParam(), std::vector<Certificate>{rsa_});
  const SslContext elsewhere = CreateServerContext(GetParam(), std::vector<Certificate>{ecdsa_});
  const std::array<SSL_CTX*, 2> contexts = {server.get(), elsewhere.get()};
  ASSERT_OK_AND_ASSIGN(const auto cache, ServerCertificates::Create(contexts));
  const SslContext client = CreateClientContext(GetParam());
  const TlsConnection first = Connect(server, client);
  const TlsConnection resumed = Connect(server, client, {.resume = first.Session()});
  ASSERT_EQ(SSL_session_reused(resumed.server.get()), 1);
  ASSERT_OK_AND_ASSIGN(const Channel channel, cache->ChannelOf(resumed.server.get()));
  EXPECT_TRUE(channel.Find(TokenOf(rsa_)).has_value());
  EXPECT_FALSE(channel.Find(TokenOf(ecdsa_)).has_value());
}

// A certificate callback as servers with many names have one: asked in full handshakes alone.
int ChooseCertificate(SSL* ssl, void* certificate) {
  const auto* const chosen = static_cast<const Certificate*>(certificate);
  return SSL_use_cert_and_key(ssl, chosen->x509.get(), chosen->key.get(), nullptr, 1);
}

SslContext CallbackContext(int version, const Certificate& certificate) {
  SslContext server = CreateServerContext(version, std::vector<Certificate>{});
  SSL_CTX_set_cert_cb(server.get(), ChooseCertificate, const_cast<Certificate*>(&certificate));
  return server;
}

TEST_P(ServerCertificatesTest, CertificateOfACallbackIsBoundInAFullHandshake) {
  const SslContext server = CallbackContext(GetParam(), ecdsa_);
  const TlsConnection connection = Connect(server, CreateClientContext(GetParam()));
  ASSERT_OK_AND_ASSIGN(const Channel channel, Cache(server)->ChannelOf(connection.server.get()));
  ASSERT_EQ(channel.bindings().size(), 1U);
  EXPECT_EQ(channel.bindings()[0].token(), TokenOf(ecdsa_));
}

TEST_P(ServerCertificatesTest, ResumedSessionOfACallbackHasItsKnownCertificates) {
  const SslContext server = CallbackContext(GetParam(), ecdsa_);
  const SslContext client = CreateClientContext(GetParam());
  const std::array<SSL_CTX*, 1> contexts = {server.get()};
  const std::array<X509*, 2> chosen = {ecdsa_.x509.get(), rsa_.x509.get()};
  ASSERT_OK_AND_ASSIGN(const auto cache,
                       ServerCertificates::Create(contexts, UndefinedHashRule::kFail, chosen));
  const TlsConnection first = Connect(server, client);
  ASSERT_OK_AND_ASSIGN(const Channel full, cache->ChannelOf(first.server.get()));
  EXPECT_EQ(full.bindings().size(), 1U);
  const TlsConnection resumed = Connect(server, client, {.resume = first.Session()});
  ASSERT_EQ(SSL_session_reused(resumed.server.get()), 1);
  ASSERT_OK_AND_ASSIGN(const Channel channel, cache->ChannelOf(resumed.server.get()));
  EXPECT_EQ(channel.bindings().size(), 2U);
  EXPECT_TRUE(channel.Find(TokenOf(ecdsa_)).has_value());
}

TEST_P(ServerCertificatesTest, ResumedSessionWithoutAKnownCertificateSaysSo) {
  const SslContext server = CallbackContext(GetParam(), ecdsa_);
  const SslContext client = CreateClientContext(GetParam());
  const TlsConnection first = Connect(server, client);
  const TlsConnection resumed = Connect(server, client, {.resume = first.Session()});
  ASSERT_EQ(SSL_session_reused(resumed.server.get()), 1);
  for (const auto& channel :
       {Cache(server)->ChannelOf(resumed.server.get()), ChannelOf(resumed.server.get())}) {
    EXPECT_THAT(channel, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(channel.status().message(), ::testing::HasSubstr("resumed"));
  }
}

constexpr std::chrono::hours kAnHour(1);

// A server whose certificate was exchanged, and the keys of its sessions were not.
class ChangedServerTest : public ServerCertificatesTest {
 protected:
  void SetUp() override {
    server_ = CreateServerContext(GetParam(), std::vector<Certificate>{rsa_});
    before_ = Cache(server_);
    client_ = CreateClientContext(GetParam());
    first_ = Connect(server_, client_);
    changed_ = CreateServerContext(GetParam(), std::vector<Certificate>{ecdsa_});
    std::array<unsigned char, 80> keys{};
    ASSERT_EQ(SSL_CTX_get_tlsext_ticket_keys(server_.get(), keys.data(), keys.size()), 1);
    ASSERT_EQ(SSL_CTX_set_tlsext_ticket_keys(changed_.get(), keys.data(), keys.size()), 1);
  }

  std::shared_ptr<const ServerCertificates> Successor(const ServerCertificates& before,
                                                      std::chrono::seconds roll_over = kAnHour) {
    const std::array<SSL_CTX*, 1> contexts = {changed_.get()};
    return ServerCertificates::Create(contexts, UndefinedHashRule::kFail, {}, &before, roll_over)
        .value();
  }
  TlsConnection Resume() {
    TlsConnection resumed = Connect(changed_, client_, {.resume = first_.Session()});
    EXPECT_EQ(SSL_session_reused(resumed.server.get()), 1);
    return resumed;
  }

  SslContext server_;
  SslContext changed_;
  SslContext client_;
  std::shared_ptr<const ServerCertificates> before_;
  // Open, for a connection that just vanished is not resumed.
  TlsConnection first_;
};

TEST_P(ChangedServerTest, WhoResumesASessionBindsTheCertificateItKnew) {
  const auto after = Successor(*before_);
  ASSERT_OK_AND_ASSIGN(const Channel channel, after->ChannelOf(Resume().server.get()));
  EXPECT_EQ(channel.bindings().size(), 2U);
  EXPECT_TRUE(channel.Find(TokenOf(ecdsa_)).has_value());
  EXPECT_TRUE(channel.Find(TokenOf(rsa_)).has_value());
}

TEST_P(ChangedServerTest, ARetiredCertificateCountsForItsTimeOnly) {
  const auto after = Successor(*before_, std::chrono::seconds(0));
  ASSERT_OK_AND_ASSIGN(const Channel channel, after->ChannelOf(Resume().server.get()));
  EXPECT_EQ(channel.bindings().size(), 1U);
  EXPECT_FALSE(channel.Find(TokenOf(rsa_)).has_value());
}

TEST_P(ChangedServerTest, OnAWholeHandshakeTheCertificateThatWasSentCountsAlone) {
  const auto after = Successor(*before_);
  const TlsConnection whole = Connect(changed_, CreateClientContext(GetParam()));
  ASSERT_OK_AND_ASSIGN(const Channel channel, after->ChannelOf(whole.server.get()));
  EXPECT_EQ(channel.bindings().size(), 1U);
  EXPECT_TRUE(channel.Find(TokenOf(ecdsa_)).has_value());
}

TEST_P(ChangedServerTest, ARetiredCertificateOfAnotherContextDoesNotCount) {
  const SslContext first = CreateServerContext(GetParam(), std::vector<Certificate>{ecdsa_});
  const std::array<SSL_CTX*, 2> contexts = {first.get(), server_.get()};
  ASSERT_OK_AND_ASSIGN(const auto before, ServerCertificates::Create(contexts));
  const auto after = Successor(*before);
  ASSERT_OK_AND_ASSIGN(const Channel channel, after->ChannelOf(Resume().server.get()));
  EXPECT_FALSE(channel.Find(TokenOf(rsa_)).has_value());
}

TEST_P(ChangedServerTest, ChangesInARowKeepWhatStillCounts) {
  const auto first = Successor(*before_);
  const auto second = Successor(*first, std::chrono::seconds(0));
  ASSERT_OK_AND_ASSIGN(const Channel channel, second->ChannelOf(Resume().server.get()));
  EXPECT_EQ(channel.bindings().size(), 2U);
  EXPECT_TRUE(channel.Find(TokenOf(rsa_)).has_value());
}

TEST_P(ServerCertificatesTest, LookingAtAResumedConnectionKeepsItsCurrentCertificate) {
  const SslContext server = CreateServerContext(GetParam(), both_);
  const SslContext client = CreateClientContext(GetParam());
  const TlsConnection first = Connect(server, client);
  const TlsConnection resumed = Connect(server, client, {.resume = first.Session()});
  const X509* const before = SSL_get_certificate(resumed.server.get());
  ASSERT_OK(Cache(server)->ChannelOf(resumed.server.get()));
  EXPECT_EQ(SSL_get_certificate(resumed.server.get()), before);
}

TEST_P(ServerCertificatesTest, CertificateThatWasExchangedLaterIsHashedWhenMet) {
  const SslContext server = CreateServerContext(GetParam(), std::vector<Certificate>{ecdsa_});
  const auto cache = Cache(server);
  const Certificate renewed = CreateCertificate({.key = KeyType::kEcdsaP256}).value();
  ASSERT_EQ(SSL_CTX_use_cert_and_key(server.get(), renewed.x509.get(), renewed.key.get(), nullptr,
                                     /*override=*/1),
            1);
  const TlsConnection connection = Connect(server, CreateClientContext(GetParam()));
  ASSERT_OK_AND_ASSIGN(const Channel channel, cache->ChannelOf(connection.server.get()));
  ASSERT_EQ(channel.bindings().size(), 1U);
  EXPECT_EQ(channel.bindings()[0].token(), TokenOf(renewed));
}

TEST_P(ServerCertificatesTest, BindingsAreSharedAndNotMadeAgain) {
  const SslContext server = CreateServerContext(GetParam(), both_);
  const auto cache = Cache(server);
  const SslContext client = ClientFor(GetParam(), KeyType::kEcdsaP256);
  const TlsConnection first = Connect(server, client);
  const TlsConnection second = Connect(server, client);
  ASSERT_OK_AND_ASSIGN(const Channel first_channel, cache->ChannelOf(first.server.get()));
  ASSERT_OK_AND_ASSIGN(const Channel second_channel, cache->ChannelOf(second.server.get()));
  EXPECT_EQ(&first_channel.bindings(), &second_channel.bindings());
}

TEST_P(ServerCertificatesTest, ManyThreadsMayAskAtOnce) {
  const SslContext server = CreateServerContext(GetParam(), both_);
  const auto cache = Cache(server);
  const ChannelBindingToken expected = TokenOf(ecdsa_);
  std::array<bool, 4> found{};
  {
    std::vector<std::jthread> threads;
    for (bool& mine : found) {
      threads.emplace_back([&] {
        const TlsConnection connection =
            Connect(server, ClientFor(GetParam(), KeyType::kEcdsaP256));
        mine = cache->ChannelOf(connection.server.get()).value().Find(expected).has_value();
      });
    }
  }
  EXPECT_THAT(found, ::testing::Each(true));
}

TEST_P(ServerCertificatesTest, FailsBeforeTheHandshakeEnded) {
  const SslContext server = CreateServerContext(GetParam(), both_);
  const TlsConnection connection = CreateTlsConnection(server, CreateClientContext(GetParam()));
  EXPECT_THAT(Cache(server)->ChannelOf(connection.server.get()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(ServerCertificatesTest, ClientsSideIsRefused) {
  const SslContext server = CreateServerContext(GetParam(), both_);
  const TlsConnection connection = Connect(server, CreateClientContext(GetParam()));
  EXPECT_THAT(Cache(server)->ChannelOf(connection.client.get()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(ServerCertificatesTest, UndefinedHashFollowsTheRule) {
  const std::vector<Certificate> edwards = {CreateCertificate({.key = KeyType::kEd25519}).value()};
  const SslContext server = CreateServerContext(GetParam(), edwards);
  const std::array<SSL_CTX*, 1> contexts = {server.get()};
  EXPECT_THAT(ServerCertificates::Create(contexts, UndefinedHashRule::kFail),
              StatusIs(absl::StatusCode::kFailedPrecondition));

  const TlsConnection connection = Connect(server, CreateClientContext(GetParam()));
  ASSERT_OK_AND_ASSIGN(const auto unbound,
                       ServerCertificates::Create(contexts, UndefinedHashRule::kUnbound));
  ASSERT_OK_AND_ASSIGN(const Channel nothing, unbound->ChannelOf(connection.server.get()));
  EXPECT_FALSE(nothing.has_bindings());

  ASSERT_OK_AND_ASSIGN(const auto sha256,
                       ServerCertificates::Create(contexts, UndefinedHashRule::kSha256));
  ASSERT_OK_AND_ASSIGN(const Channel bound, sha256->ChannelOf(connection.server.get()));
  EXPECT_EQ(bound.Find(TokenOf(edwards[0])), 0U);
}

std::string VersionName(const ::testing::TestParamInfo<int>& version) {
  return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
}

INSTANTIATE_TEST_SUITE_P(Versions, ServerCertificatesTest,
                         ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION), VersionName);
INSTANTIATE_TEST_SUITE_P(Versions, ChangedServerTest,
                         ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION), VersionName);

TEST_F(ServerCertificatesTest, MakingTheCacheLeavesTheContextAsItWas) {
  const SslContext server = CreateServerContext(TLS1_3_VERSION, both_);
  const X509* const before = SSL_CTX_get0_certificate(server.get());
  ASSERT_NE(Cache(server), nullptr);
  EXPECT_EQ(SSL_CTX_get0_certificate(server.get()), before);
}

TEST_F(ServerCertificatesTest, NoContextIsRefused) {
  const std::array<SSL_CTX*, 1> contexts = {nullptr};
  EXPECT_THAT(ServerCertificates::Create(contexts), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace epa::tls
