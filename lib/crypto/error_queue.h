// The application's OpenSSL error queue is left alone.
#ifndef EPA_LIB_CRYPTO_ERROR_QUEUE_H_
#define EPA_LIB_CRYPTO_ERROR_QUEUE_H_

#include <openssl/err.h>

namespace epa::crypto {

// Leaves this thread's OpenSSL error queue as it found it: the application reads it after its own
// calls. Around everything here that OpenSSL may refuse.
class ErrorQueueGuard {
 public:
  ErrorQueueGuard() { ERR_set_mark(); }
  ~ErrorQueueGuard() { ERR_pop_to_mark(); }
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
};

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_ERROR_QUEUE_H_
