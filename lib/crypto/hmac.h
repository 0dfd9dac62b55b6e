// HMAC (RFC 2104) with one key for many messages, by OpenSSL.
#ifndef EPA_LIB_CRYPTO_HMAC_H_
#define EPA_LIB_CRYPTO_HMAC_H_

#include <cstdint>
#include <span>

#include "lib/crypto/contexts.h"
#include "lib/crypto/digest.h"

namespace epa::crypto {

enum class HmacDigest : uint8_t { kSha1, kSha256, kSha384 };

// Octets of the whole code: 20, 32, 48.
size_t HmacSize(HmacDigest digest);

// One key, for any number of messages. Needs OpenSslLibrary::has_kerberos.
class Hmac {
 public:
  Hmac(HmacDigest digest, std::span<const uint8_t> key);

  // Another key, at less cost than another object.
  void ChangeKey(std::span<const uint8_t> key);
  // Of the concatenation of `parts`: as many octets of the code as `out` takes, which are no more
  // than there are.
  void Compute(Parts parts, std::span<uint8_t> out);
  // In constant time.
  [[nodiscard]] bool Verify(Parts parts, std::span<const uint8_t> code);

 private:
  MacContext context_;
};

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_HMAC_H_
