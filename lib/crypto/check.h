// What OpenSSL cannot refuse.
#ifndef EPA_LIB_CRYPTO_CHECK_H_
#define EPA_LIB_CRYPTO_CHECK_H_

#include <new>

namespace epa::crypto {

// Of a call with an algorithm that is there and a key of its size: it fails where memory runs out,
// which is std::bad_alloc here as for operator new, so that nothing computed after it is believed.
inline void Check(int result) {
  if (result != 1) {
    throw std::bad_alloc();
  }
}

// What a function that makes an object returned, which is null for the same reason only.
template <typename T>
T* Made(T* object) {
  Check(object != nullptr ? 1 : 0);
  return object;
}

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_CHECK_H_
