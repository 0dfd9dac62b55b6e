// The channel of a connection without a cache: which certificate, which types, in which order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>
#include <utility>
#include <vector>

#include "epa/tls/channel_binding.h"
#include "tests/support/certificates.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_connection.h"

namespace epa::tls {
namespace {

using ::epa::test::Certificate;
using ::epa::test::CertificateOptions;
using ::epa::test::CreateCertificate;
using ::epa::test::CreateClientContext;
using ::epa::test::CreateServerContext;
using ::epa::test::CreateTlsConnection;
using ::epa::test::KeyType;
using ::epa::test::SslContext;
using ::epa::test::StatusIs;
using ::epa::test::TlsConnection;

constexpr BindingTypes kAll = {.server_end_point = true, .exporter = true, .unique = true};

class ChannelOfTest : public ::testing::TestWithParam<int> {
 protected:
  static TlsConnection Connect(int version, const CertificateOptions& options) {
    const std::vector<Certificate> certificates = {CreateCertificate(options).value()};
    const SslContext server = CreateServerContext(version, certificates);
    TlsConnection connection = CreateTlsConnection(server, CreateClientContext(version));
    EXPECT_TRUE(connection.Handshake());
    return connection;
  }
};

TEST_P(ChannelOfTest, BothEndsHaveTheServersCertificate) {
  const TlsConnection connection = Connect(GetParam(), {.key = KeyType::kEcdsaP256});
  ASSERT_OK_AND_ASSIGN(const Channel client, ChannelOf(connection.client.get()));
  ASSERT_OK_AND_ASSIGN(const Channel server, ChannelOf(connection.server.get()));
  EXPECT_EQ(client.kind(), ChannelKind::kTls);
  ASSERT_EQ(client.bindings().size(), 1U);
  ASSERT_EQ(server.bindings().size(), 1U);
  EXPECT_EQ(client.bindings()[0].type(), ChannelBindingType::kServerEndPoint);
  EXPECT_EQ(server.Find(client.bindings()[0].token()), 0U);
}

TEST_P(ChannelOfTest, BothEndsFollowTheCertificatesSignatureHash) {
  constexpr size_t kPrefixSize = 21;
  const CertificateOptions pss_sha384 = {
      .key = KeyType::kRsa2048, .digest = "SHA384", .pss_mask_digest = "SHA384"};
  const CertificateOptions sha1 = {.key = KeyType::kRsa2048, .digest = "SHA1"};
  for (const auto& [options, hash_size] : {std::pair(pss_sha384, 48U), std::pair(sha1, 32U)}) {
    const TlsConnection connection = Connect(GetParam(), options);
    ASSERT_OK_AND_ASSIGN(const Channel client, ChannelOf(connection.client.get()));
    ASSERT_OK_AND_ASSIGN(const Channel server, ChannelOf(connection.server.get()));
    ASSERT_EQ(client.bindings().size(), 1U);
    EXPECT_EQ(client.bindings()[0].application_data().size(), kPrefixSize + hash_size);
    EXPECT_EQ(server.Find(client.bindings()[0].token()), 0U);
  }
}

TEST_P(ChannelOfTest, UndefinedHashFollowsTheRule) {
  const TlsConnection connection = Connect(GetParam(), {.key = KeyType::kEd25519});
  for (SSL* end : {connection.client.get(), connection.server.get()}) {
    EXPECT_THAT(ChannelOf(end, {}, UndefinedHashRule::kFail),
                StatusIs(absl::StatusCode::kFailedPrecondition));
    ASSERT_OK_AND_ASSIGN(const Channel unbound, ChannelOf(end, {}, UndefinedHashRule::kUnbound));
    EXPECT_EQ(unbound.kind(), ChannelKind::kTls);
    EXPECT_FALSE(unbound.has_bindings());
    ASSERT_OK_AND_ASSIGN(const Channel sha256, ChannelOf(end, {}, UndefinedHashRule::kSha256));
    EXPECT_EQ(sha256.bindings().size(), 1U);
  }
}

TEST_P(ChannelOfTest, ExporterAloneNeedsNoDefinedHash) {
  const TlsConnection connection = Connect(GetParam(), {.key = KeyType::kEd25519});
  ASSERT_OK_AND_ASSIGN(const Channel channel,
                       ChannelOf(connection.server.get(),
                                 {.server_end_point = false, .exporter = true, .unique = false}));
  ASSERT_EQ(channel.bindings().size(), 1U);
  EXPECT_EQ(channel.bindings()[0].type(), ChannelBindingType::kExporter);
}

INSTANTIATE_TEST_SUITE_P(Versions, ChannelOfTest, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) {
                           return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

TEST_F(ChannelOfTest, AllTypesComeInTheirOrder) {
  const TlsConnection connection = Connect(TLS1_2_VERSION, {.key = KeyType::kRsa2048});
  ASSERT_OK_AND_ASSIGN(const Channel client, ChannelOf(connection.client.get(), kAll));
  ASSERT_OK_AND_ASSIGN(const Channel server, ChannelOf(connection.server.get(), kAll));
  ASSERT_EQ(server.bindings().size(), 3U);
  EXPECT_EQ(server.bindings()[0].type(), ChannelBindingType::kServerEndPoint);
  EXPECT_EQ(server.bindings()[1].type(), ChannelBindingType::kExporter);
  EXPECT_EQ(server.bindings()[2].type(), ChannelBindingType::kUnique);
  for (size_t i = 0; i < client.bindings().size(); ++i) {
    EXPECT_EQ(server.Find(client.bindings()[i].token()), i);
  }
}

TEST_F(ChannelOfTest, WantedUniqueFailsTheWholeChannelWithTls13) {
  const TlsConnection connection = Connect(TLS1_3_VERSION, {.key = KeyType::kRsa2048});
  EXPECT_THAT(ChannelOf(connection.server.get(), kAll),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ChannelOfTest, AnonymousHandshakeHasNoCertificateEvenWhereOneIsConfigured) {
  const std::vector<Certificate> certificates = {CreateCertificate().value()};
  const SslContext server_context = CreateServerContext(TLS1_2_VERSION, certificates);
  const SslContext client_context = CreateClientContext(TLS1_2_VERSION);
  for (SSL_CTX* context : {server_context.get(), client_context.get()}) {
    ASSERT_EQ(SSL_CTX_set_cipher_list(context, "AECDH-AES128-SHA:@SECLEVEL=0"), 1);
  }
  TlsConnection connection = CreateTlsConnection(server_context, client_context);
  ASSERT_TRUE(connection.Handshake());
  EXPECT_THAT(ChannelOf(connection.server.get()), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(ChannelOf(connection.client.get()), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK_AND_ASSIGN(const auto cache, ServerCertificates::Create({}));
  EXPECT_THAT(cache->ChannelOf(connection.server.get()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace epa::tls
