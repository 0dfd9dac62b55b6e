#include "tests/support/tls_connection.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <cstdio>
#include <cstdlib>

namespace epa::test {
namespace {

constexpr int kMaxRounds = 32;

void Check(bool condition, const char* what) {
  if (!condition) {
    std::fprintf(stderr, "test set-up failed: %s\n", what);
    std::abort();
  }
}

SslContext CreateContext(const SSL_METHOD* method, int version) {
  SslContext context(SSL_CTX_new(method), SSL_CTX_free);
  Check(context != nullptr, "SSL_CTX_new");
  Check(SSL_CTX_set_min_proto_version(context.get(), version) == 1, "protocol version");
  Check(SSL_CTX_set_max_proto_version(context.get(), version) == 1, "protocol version");
  // Certificates with old hashes are part of the tests.
  SSL_CTX_set_security_level(context.get(), 0);
  return context;
}

}  // namespace

SslContext CreateServerContext(int version, std::span<const Certificate> certificates) {
  SslContext context = CreateContext(TLS_server_method(), version);
  for (const Certificate& certificate : certificates) {
    Check(SSL_CTX_use_certificate(context.get(), certificate.x509.get()) == 1, "certificate");
    Check(SSL_CTX_use_PrivateKey(context.get(), certificate.key.get()) == 1, "private key");
  }
  constexpr unsigned char kSessionIdContext[] = "epa";
  SSL_CTX_set_session_id_context(context.get(), kSessionIdContext, sizeof(kSessionIdContext));
  return context;
}

SslContext CreateClientContext(int version) { return CreateContext(TLS_client_method(), version); }

bool TlsConnection::Handshake() {
  for (int round = 0; round < kMaxRounds; ++round) {
    const int client_result = SSL_do_handshake(client.get());
    const int server_result = SSL_do_handshake(server.get());
    if (client_result == 1 && server_result == 1) {
      // Reads what the server sent behind its Finished; there is no data for the caller.
      char unread = 0;
      SSL_peek(client.get(), &unread, 1);
      return true;
    }
  }
  return false;
}

SslSession TlsConnection::Session() const {
  return SslSession(SSL_get1_session(client.get()), SSL_SESSION_free);
}

TlsConnection CreateTlsConnection(const SslContext& server, const SslContext& client,
                                  const TlsConnectionOptions& options) {
  TlsConnection connection{.client = {SSL_new(client.get()), SSL_free},
                           .server = {SSL_new(server.get()), SSL_free}};
  BIO* client_end = nullptr;
  BIO* server_end = nullptr;
  Check(BIO_new_bio_pair(&client_end, 0, &server_end, 0) == 1, "BIO pair");
  SSL_set_bio(connection.client.get(), client_end, client_end);
  SSL_set_bio(connection.server.get(), server_end, server_end);
  SSL_set_connect_state(connection.client.get());
  SSL_set_accept_state(connection.server.get());
  if (!options.server_name.empty()) {
    Check(SSL_set_tlsext_host_name(connection.client.get(), options.server_name.c_str()) == 1,
          "server name");
  }
  if (options.resume != nullptr) {
    Check(SSL_set_session(connection.client.get(), options.resume.get()) == 1, "session");
  }
  return connection;
}

}  // namespace epa::test
