// A server's TLS over octets in memory: it does no input or output.
#ifndef EPA_TOOLS_EPA_SERVE_TLS_SESSION_H_
#define EPA_TOOLS_EPA_SERVE_TLS_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tools/epa/common/openssl_handles.h"

namespace epa::tool {

// One connection's. Used by one owner at a time. Between calls it holds at most what has come of an
// unfinished record.
class TlsSession {
 public:
  // What is to be sent is appended to `out`, which outlives the session. Check valid().
  TlsSession(SSL_CTX* context, std::vector<uint8_t>& out);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // False where OpenSSL had no memory.
  bool valid() const { return ssl_ != nullptr; }
  SSL* ssl() const { return ssl_.get(); }

  // Gives it octets of the peer. They must stay until Shake or Open says that it needs more.
  void Take(std::span<const uint8_t> octets) { in_ = octets; }

  enum class Progress : uint8_t {
    kDone,
    kNeedsMore,  // what was taken is used up
    kEnded,      // the peer said goodbye, or broke the protocol
  };
  // Goes on with the handshake; kDone when it has ended.
  Progress Shake();
  // What the peer said, after the handshake: `size` octets of it, where kDone.
  Progress Open(std::span<uint8_t> text, size_t& size);
  // False where it cannot be sealed. Not empty.
  bool Seal(std::span<const uint8_t> text);
  // Says goodbye (RFC 8446 6.1).
  void End();

 private:
  static const BIO_METHOD* Method();
  static int Read(BIO* bio, char* data, int size);
  static int Write(BIO* bio, const char* data, int size);
  static long Control(BIO* bio, int command, long number, void* pointer);
  Progress ProgressOf(int result) const;

  std::span<const uint8_t> in_;
  std::vector<uint8_t>& out_;
  SslPtr ssl_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_TLS_SESSION_H_
