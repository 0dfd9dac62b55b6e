// Both roles against each other: every dialect, way of signing and cipher.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "tests/smb2/smb2_pair.h"

namespace epa::smb2 {
namespace {

const Octets kReadBody = {49, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

struct Row {
  Dialect dialect = Dialect::k311;
  bool client_signs = true;
  bool server_signs = true;
  SigningAlgorithm signing = SigningAlgorithm::kAesCmac;  // 3.1.1
  bool encrypts = false;
  Cipher cipher = Cipher::kAes128Ccm;
};

std::vector<Row> Rows() {
  std::vector<Row> rows;
  for (const Dialect dialect : {Dialect::k202, Dialect::k210, Dialect::k300, Dialect::k302}) {
    for (const bool client_signs : {false, true}) {
      for (const bool server_signs : {false, true}) {
        const auto signing =
            dialect < Dialect::k300 ? SigningAlgorithm::kHmacSha256 : SigningAlgorithm::kAesCmac;
        rows.push_back({dialect, client_signs, server_signs, signing, false});
        if (dialect >= Dialect::k300) {
          rows.push_back({dialect, client_signs, server_signs, signing, true});
        }
      }
    }
  }
  for (const auto signing :
       {SigningAlgorithm::kHmacSha256, SigningAlgorithm::kAesCmac, SigningAlgorithm::kAesGmac}) {
    for (const bool client_signs : {false, true}) {
      for (const bool server_signs : {false, true}) {
        rows.push_back({Dialect::k311, client_signs, server_signs, signing, false});
        for (const auto cipher :
             {Cipher::kAes128Ccm, Cipher::kAes128Gcm, Cipher::kAes256Ccm, Cipher::kAes256Gcm}) {
          rows.push_back({Dialect::k311, client_signs, server_signs, signing, true, cipher});
        }
      }
    }
  }
  return rows;
}

std::string NameOf(const Row& row) {
  return std::string(DialectName(row.dialect)) + " client signs " +
         std::to_string(row.client_signs) + " server signs " + std::to_string(row.server_signs) +
         " " + std::string(SigningAlgorithmName(row.signing)) + " " +
         (row.encrypts ? std::string(CipherName(row.cipher)) : "clear");
}

ClientOptions ClientOf(const Row& row) {
  ClientOptions options = DefaultClient();
  options.dialects = {row.dialect};
  options.require_signing = row.client_signs;
  options.signing_algorithms = {row.signing};
  options.encryption = row.encrypts ? EncryptionPolicy::kAvailable : EncryptionPolicy::kOff;
  return options;
}

ServerOptions ServerOf(const Row& row) {
  ServerOptions options = DefaultServer();
  options.require_signing = row.server_signs;
  options.ciphers = {row.cipher};
  options.encryption = row.encrypts ? EncryptionPolicy::kRequired : EncryptionPolicy::kAvailable;
  return options;
}

Header LastHeader(const std::vector<Octets>& messages) {
  return ParseHeader(messages.back()).value();
}

TEST(Matrix, EveryCombinationLogsInReadsAndLogsOff) {
  size_t checked = 0;
  for (const Row& row : Rows()) {
    SCOPED_TRACE(NameOf(row));
    Pair pair(ClientOf(row), ServerOf(row));
    pair.LogIn();
    ASSERT_TRUE(pair.client().established())
        << (pair.client().refusal().has_value() ? pair.client().refusal()->detail : "nothing");
    EXPECT_EQ(pair.client().dialect(), row.dialect);
    EXPECT_EQ(pair.server().dialect(), row.dialect);
    const bool is_signed = !row.encrypts && (row.client_signs || row.server_signs);
    EXPECT_EQ(pair.client().is_signed(), is_signed);
    EXPECT_EQ(pair.client().encrypts(), row.encrypts);
    EXPECT_EQ(pair.client().signing_algorithm(),
              is_signed ? std::optional(row.signing) : std::nullopt);
    EXPECT_EQ(pair.client().cipher(), row.encrypts ? std::optional(row.cipher) : std::nullopt);
    ASSERT_TRUE(pair.ConnectTree());
    ASSERT_TRUE(pair.Request(Command::kRead, kReadBody));
    ASSERT_EQ(pair.responses.size(), 2u);
    EXPECT_EQ(pair.responses[0].tree_id, 1u);
    EXPECT_EQ(pair.response_bodies[1], kReadBody);
    EXPECT_EQ(pair.request_bodies[1], kReadBody);
    if (row.encrypts) {
      EXPECT_EQ(pair.sent_to_server.back().front(), 0xFD);
      EXPECT_EQ(pair.sent_to_client.back().front(), 0xFD);
    } else {
      EXPECT_EQ(LastHeader(pair.sent_to_server).is_signed(), is_signed);
      EXPECT_EQ(LastHeader(pair.sent_to_client).is_signed(), is_signed);
    }
    ASSERT_TRUE(pair.LogOff());
    EXPECT_TRUE(pair.client_closed);
    EXPECT_FALSE(pair.client().refusal().has_value());
    EXPECT_FALSE(pair.server_closed) << pair.server_reason;
    EXPECT_EQ(pair.server().session_count(), 0u);
    EXPECT_EQ(pair.ended_sessions.size(), 1u);
    ASSERT_EQ(pair.server_audit->events.size(), 1u);
    EXPECT_EQ(pair.server_audit->events.front().outcome, AuditOutcome::kAccepted);
    ++checked;
  }
  EXPECT_EQ(checked, 84u);
}

TEST(Matrix, TheGreatestCommonDialectIsUsed) {
  const std::vector<Dialect> all = {Dialect::k202, Dialect::k210, Dialect::k300, Dialect::k302,
                                    Dialect::k311};
  for (const Dialect client : all) {
    for (const Dialect server : all) {
      ClientOptions client_options = DefaultClient();
      std::erase_if(client_options.dialects, [client](Dialect one) { return one > client; });
      ServerOptions server_options = DefaultServer();
      std::erase_if(server_options.dialects, [server](Dialect one) { return one > server; });
      Pair pair(std::move(client_options), std::move(server_options));
      pair.LogIn();
      ASSERT_TRUE(pair.client().established());
      EXPECT_EQ(pair.client().dialect(), std::min(client, server));
    }
  }
}

TEST(Matrix, NothingInCommonIsRefused) {
  ClientOptions client = DefaultClient();
  client.dialects = {Dialect::k202, Dialect::k210};
  ServerOptions server = DefaultServer();
  server.dialects = {Dialect::k300, Dialect::k311};
  Pair pair(std::move(client), std::move(server));
  pair.LogIn();
  ASSERT_TRUE(pair.client().refusal().has_value());
  EXPECT_EQ(pair.client().refusal()->status, kStatusNotSupported);
  EXPECT_TRUE(pair.server_closed);
}

TEST(Matrix, ApplicationKeysAreTheSessionsOwn) {
  for (const Dialect dialect : {Dialect::k210, Dialect::k300, Dialect::k311}) {
    ClientOptions client = DefaultClient();
    client.dialects = {dialect};
    Pair pair(std::move(client));
    pair.LogIn();
    const ServerSession* const session = pair.server().session(pair.client().session_id());
    ASSERT_NE(session, nullptr);
    const auto key = session->ApplicationKey();
    ASSERT_TRUE(key.ok());
    const auto exported = pair.client().context().ExportSessionKey();
    ASSERT_TRUE(exported.ok());
    EXPECT_EQ(key->size(), 16u);
    EXPECT_EQ(*key == *exported, dialect < Dialect::k300);
    EXPECT_EQ(session->context().peer()->account()->user, "alice");
    EXPECT_EQ(session->previous_session_id(), 0u);
  }
}

}  // namespace
}  // namespace epa::smb2
