// A finished TLS handshake in memory, with a fresh RSA-2048 certificate.
#ifndef EPA_BENCH_LOOPBACK_TLS_H_
#define EPA_BENCH_LOOPBACK_TLS_H_

#include <openssl/ssl.h>

#include <array>
#include <cstdint>

namespace epa::bench {

class LoopbackTls {
 public:
  LoopbackTls();
  ~LoopbackTls();
  LoopbackTls(const LoopbackTls&) = delete;
  LoopbackTls& operator=(const LoopbackTls&) = delete;

  SSL_CTX* server_context() const { return server_context_; }
  SSL* server() const { return server_; }

 private:
  void InstallCertificate();
  void Connect();

  SSL_CTX* server_context_;
  SSL_CTX* client_context_;
  SSL* server_ = nullptr;
  SSL* client_ = nullptr;
};

// tls-server-end-point's token as a server without a cache makes it: X509_digest of the
// certificate, then MD5 of the serialised bindings, with OpenSSL's default fetching.
std::array<uint8_t, 16> NaiveBindingToken(SSL* server);

}  // namespace epa::bench

#endif  // EPA_BENCH_LOOPBACK_TLS_H_
