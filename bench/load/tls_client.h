// A client's TLS over octets in memory, for blocking clients and for many at once.
#ifndef EPA_BENCH_LOAD_TLS_CLIENT_H_
#define EPA_BENCH_LOAD_TLS_CLIENT_H_

#include <openssl/ssl.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace epa::bench {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

// TLS 1.3 without resumption: each login makes a whole handshake. Verifies nothing: clients cost
// the same whatever the server is.
std::unique_ptr<SSL_CTX, FreeSsl> NewClientContext();

class TlsClient {
 public:
  explicit TlsClient(SSL_CTX* context);

  SSL* ssl() const { return ssl_.get(); }
  bool shaken() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  // Takes what the server sent and goes on with the handshake. False where the server broke it.
  bool Take(std::string_view octets);
  // To be sealed when the handshake is done.
  bool Say(std::string_view text);
  // What the server said; appended.
  bool Hear(std::string& text);
  // What is to be sent: the last message of the handshake leaves together with what is said first.
  std::string TakeOutput();

 private:
  std::unique_ptr<SSL, FreeSsl> ssl_;
  BIO* in_;   // the SSL's
  BIO* out_;  // the SSL's
};

}  // namespace epa::bench

#endif  // EPA_BENCH_LOAD_TLS_CLIENT_H_
