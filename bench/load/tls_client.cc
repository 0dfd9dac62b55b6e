#include "bench/load/tls_client.h"

#include <openssl/err.h>

#include <array>

#include "bench/require.h"

namespace epa::bench {

std::unique_ptr<SSL_CTX, FreeSsl> NewClientContext() {
  std::unique_ptr<SSL_CTX, FreeSsl> context(SSL_CTX_new(TLS_client_method()));
  Require(context != nullptr && SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) == 1,
          "no TLS 1.3");
  return context;
}

TlsClient::TlsClient(SSL_CTX* context)
    : ssl_(SSL_new(context)), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
  Require(ssl_ != nullptr && in_ != nullptr && out_ != nullptr, "no TLS connection");
  SSL_set_bio(ssl_.get(), in_, out_);
  SSL_set_connect_state(ssl_.get());
  SSL_do_handshake(ssl_.get());
}

bool TlsClient::Take(std::string_view octets) {
  BIO_write(in_, octets.data(), static_cast<int>(octets.size()));
  if (shaken()) {
    return true;
  }
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 || SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
}

bool TlsClient::Say(std::string_view text) {
  return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) > 0;
}

bool TlsClient::Hear(std::string& text) {
  std::array<char, 16384> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  int size = 0;
  ERR_clear_error();
  while ((size = SSL_read(ssl_.get(), piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<size_t>(size));
  }
  return SSL_get_error(ssl_.get(), size) == SSL_ERROR_WANT_READ;
}

std::string TlsClient::TakeOutput() {
  char* data = nullptr;
  const long size = BIO_get_mem_data(out_, &data);
  std::string output(data, static_cast<size_t>(size));
  BIO_reset(out_);
  return output;
}

}  // namespace epa::bench
