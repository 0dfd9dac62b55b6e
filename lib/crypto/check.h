// What OpenSSL cannot refuse.
#ifndef EPA_LIB_CRYPTO_CHECK_H_
#define EPA_LIB_CRYPTO_CHECK_H_

#include <cstdlib>

namespace epa::crypto {

// Of a call with an algorithm that is there and a key of its size: it fails where memory is gone or
// the library is broken, and nothing computed after that may be believed.
inline void Check(int result) {
  if (result != 1) {
    std::abort();
  }
}

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_CHECK_H_
