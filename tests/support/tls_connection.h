// A TLS connection between two OpenSSL ends in one thread, over memory.
#ifndef EPA_TESTS_SUPPORT_TLS_CONNECTION_H_
#define EPA_TESTS_SUPPORT_TLS_CONNECTION_H_

#include <memory>
#include <span>
#include <string>

#include "tests/support/certificates.h"

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_session_st SSL_SESSION;

namespace epa::test {

using SslContext = std::shared_ptr<SSL_CTX>;
using SslSession = std::shared_ptr<SSL_SESSION>;

// Contexts that speak this protocol version alone (TLS1_2_VERSION, TLS1_3_VERSION). They end the
// test program when OpenSSL refuses the certificate. The client verifies nothing.
SslContext CreateServerContext(int version, std::span<const Certificate> certificates);
SslContext CreateClientContext(int version);

struct TlsConnection {
  std::shared_ptr<SSL> client;
  std::shared_ptr<SSL> server;

  // Runs both ends until the handshake ended on both, or failed. Also delivers the session tickets
  // of TLS 1.3 to the client.
  bool Handshake();
  // The client's session, to be resumed by another connection.
  SslSession Session() const;
};

struct TlsConnectionOptions {
  std::string server_name = {};
  SslSession resume = {};
};

// Two connected ends before their handshake.
TlsConnection CreateTlsConnection(const SslContext& server, const SslContext& client,
                                  const TlsConnectionOptions& options = {});

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_TLS_CONNECTION_H_
