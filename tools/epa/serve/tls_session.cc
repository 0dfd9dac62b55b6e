#include "tools/epa/serve/tls_session.h"

#include <algorithm>
#include <exception>
#include <memory>

namespace epa::tool {
namespace {

using MethodPtr = std::unique_ptr<BIO_METHOD, FreeWith<BIO_meth_free>>;

}  // namespace

const BIO_METHOD* TlsSession::Method() {
  static const MethodPtr method = [] {
    MethodPtr made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "octets in memory"));
    if (made != nullptr) {
      BIO_meth_set_read(made.get(), Read);
      BIO_meth_set_write(made.get(), Write);
      BIO_meth_set_ctrl(made.get(), Control);
    }
    return made;
  }();
  return method.get();
}

TlsSession::TlsSession(SSL_CTX* context, std::vector<uint8_t>& out) : out_(out) {
  ERR_clear_error();
  SslPtr ssl(SSL_new(context));
  BIO* const bio = Method() == nullptr ? nullptr : BIO_new(Method());
  if (ssl == nullptr || bio == nullptr) {
    BIO_free(bio);
    return;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_accept_state(ssl.get());
  ssl_ = std::move(ssl);
}

int TlsSession::Read(BIO* bio, char* data, int size) {
  auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (session.in_.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t taken = std::min(static_cast<size_t>(size), session.in_.size());
  std::copy_n(session.in_.begin(), taken, data);
  session.in_ = session.in_.subspan(taken);
  return static_cast<int>(taken);
}

int TlsSession::Write(BIO* bio, const char* data, int size) {
  auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  try {
    session.out_.insert(session.out_.end(), data, data + size);
  } catch (const std::exception&) {
    return -1;  // no exception passes through OpenSSL
  }
  return size;
}

long TlsSession::Control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

TlsSession::Progress TlsSession::ProgressOf(int result) const {
  return SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ ? Progress::kNeedsMore
                                                                  : Progress::kEnded;
}

TlsSession::Progress TlsSession::Shake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? Progress::kDone : ProgressOf(result);
}

TlsSession::Progress TlsSession::Open(std::span<uint8_t> text, size_t& size) {
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_.get(), text.data(), text.size(), &size);
  return result == 1 ? Progress::kDone : ProgressOf(result);
}

bool TlsSession::Seal(std::span<const uint8_t> text) {
  ERR_clear_error();
  size_t written = 0;
  return SSL_write_ex(ssl_.get(), text.data(), text.size(), &written) == 1;
}

void TlsSession::End() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get()) == 1) {
    SSL_shutdown(ssl_.get());
  }
  ERR_clear_error();
}

}  // namespace epa::tool
