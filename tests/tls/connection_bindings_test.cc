// tls-unique and tls-exporter of real handshakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "epa/tls/channel_binding.h"
#include "tests/support/certificates.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/support/tls_connection.h"

namespace epa::tls {
namespace {

using ::epa::test::Certificate;
using ::epa::test::CreateCertificate;
using ::epa::test::CreateClientContext;
using ::epa::test::CreateServerContext;
using ::epa::test::CreateTlsConnection;
using ::epa::test::SslContext;
using ::epa::test::StatusIs;
using ::epa::test::TlsConnection;
using ::epa::test::ToHex;
using ::testing::HasSubstr;

class ConnectionBindingsTest : public ::testing::TestWithParam<int> {
 protected:
  static void Prepare(int version) {
    const std::vector<Certificate> certificates = {CreateCertificate().value()};
    server_ = CreateServerContext(version, certificates);
    client_ = CreateClientContext(version);
  }
  void TearDown() override {
    server_.reset();
    client_.reset();
  }

  static TlsConnection Connect(const epa::test::TlsConnectionOptions& options = {}) {
    TlsConnection connection = CreateTlsConnection(server_, client_, options);
    EXPECT_TRUE(connection.Handshake());
    return connection;
  }

  static TlsConnection Resume() {
    const TlsConnection first = Connect();
    TlsConnection second = Connect({.resume = first.Session()});
    EXPECT_EQ(SSL_session_reused(second.server.get()), 1);
    return second;
  }

  static inline SslContext server_;
  static inline SslContext client_;
};

void ExpectEqual(const absl::StatusOr<ChannelBindings>& client,
                 const absl::StatusOr<ChannelBindings>& server, const std::string& prefix,
                 size_t value_size, ChannelBindingType type) {
  ASSERT_OK(client);
  ASSERT_OK(server);
  EXPECT_EQ(ToHex(client->application_data()), ToHex(server->application_data()));
  EXPECT_EQ(client->token(), server->token());
  EXPECT_EQ(client->type(), type);
  const auto data = client->application_data();
  ASSERT_EQ(data.size(), prefix.size() + value_size);
  EXPECT_EQ(std::string(data.begin(), data.begin() + static_cast<long>(prefix.size())), prefix);
}

TEST_F(ConnectionBindingsTest, UniqueIsTheClientsFinishedOnAFullHandshake) {
  Prepare(TLS1_2_VERSION);
  const TlsConnection connection = Connect();
  const auto client = TlsUnique(connection.client.get());
  ExpectEqual(client, TlsUnique(connection.server.get()), "tls-unique:", 12,
              ChannelBindingType::kUnique);
  std::vector<uint8_t> finished(12);
  ASSERT_EQ(SSL_get_finished(connection.client.get(), finished.data(), finished.size()), 12U);
  EXPECT_THAT(ToHex(client->application_data()), ::testing::EndsWith(ToHex(finished)));
}

TEST_F(ConnectionBindingsTest, UniqueIsTheServersFinishedOnAResumedSession) {
  Prepare(TLS1_2_VERSION);
  const TlsConnection connection = Resume();
  const auto client = TlsUnique(connection.client.get());
  ExpectEqual(client, TlsUnique(connection.server.get()), "tls-unique:", 12,
              ChannelBindingType::kUnique);
  std::vector<uint8_t> finished(12);
  ASSERT_EQ(SSL_get_finished(connection.server.get(), finished.data(), finished.size()), 12U);
  EXPECT_THAT(ToHex(client->application_data()), ::testing::EndsWith(ToHex(finished)));
}

TEST_F(ConnectionBindingsTest, UniqueDiffersBetweenConnections) {
  Prepare(TLS1_2_VERSION);
  ASSERT_OK_AND_ASSIGN(const ChannelBindings first, TlsUnique(Connect().server.get()));
  ASSERT_OK_AND_ASSIGN(const ChannelBindings second, TlsUnique(Connect().server.get()));
  EXPECT_FALSE(first.token() == second.token());
}

TEST_F(ConnectionBindingsTest, UniqueIsRefusedWithTls13) {
  Prepare(TLS1_3_VERSION);
  const TlsConnection connection = Connect();
  EXPECT_THAT(TlsUnique(connection.client.get()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("TLSv1.3")));
  EXPECT_THAT(TlsUnique(connection.server.get()), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ConnectionBindingsTest, BothAreRefusedWithoutExtendedMasterSecret) {
  Prepare(TLS1_2_VERSION);
  SSL_CTX_set_options(client_.get(), SSL_OP_NO_EXTENDED_MASTER_SECRET);
  const TlsConnection connection = Connect();
  for (SSL* end : {connection.client.get(), connection.server.get()}) {
    EXPECT_THAT(TlsUnique(end),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("RFC 7627")));
    EXPECT_THAT(TlsExporter(end),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("RFC 7627")));
  }
}

TEST_P(ConnectionBindingsTest, ExporterIsEqualOnBothEnds) {
  Prepare(GetParam());
  const TlsConnection connection = Connect();
  ExpectEqual(TlsExporter(connection.client.get()), TlsExporter(connection.server.get()),
              "tls-exporter:", 32, ChannelBindingType::kExporter);
}

TEST_P(ConnectionBindingsTest, ExporterIsEqualOnBothEndsOfAResumedSession) {
  Prepare(GetParam());
  const TlsConnection connection = Resume();
  ExpectEqual(TlsExporter(connection.client.get()), TlsExporter(connection.server.get()),
              "tls-exporter:", 32, ChannelBindingType::kExporter);
}

TEST_P(ConnectionBindingsTest, ExporterDiffersBetweenConnections) {
  Prepare(GetParam());
  ASSERT_OK_AND_ASSIGN(const ChannelBindings first, TlsExporter(Connect().server.get()));
  ASSERT_OK_AND_ASSIGN(const ChannelBindings second, TlsExporter(Connect().server.get()));
  EXPECT_FALSE(first.token() == second.token());
}

TEST_P(ConnectionBindingsTest, EverythingIsRefusedBeforeTheHandshakeEnded) {
  Prepare(GetParam());
  const TlsConnection connection = CreateTlsConnection(server_, client_);
  SSL_do_handshake(connection.client.get());
  SSL_do_handshake(connection.server.get());
  for (SSL* end : {connection.client.get(), connection.server.get()}) {
    EXPECT_THAT(TlsUnique(end), StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(TlsExporter(end), StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(ChannelOf(end), StatusIs(absl::StatusCode::kFailedPrecondition));
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, ConnectionBindingsTest,
                         ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) {
                           return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

TEST(ConnectionBindings, NoConnectionIsRefused) {
  EXPECT_THAT(TlsUnique(nullptr), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(TlsExporter(nullptr), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ChannelOf(nullptr), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace epa::tls
