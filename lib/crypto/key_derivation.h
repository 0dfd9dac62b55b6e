// Keys derived from keys: NIST SP 800-108 in counter mode with HMAC, and Kerberos' own way.
#ifndef EPA_LIB_CRYPTO_KEY_DERIVATION_H_
#define EPA_LIB_CRYPTO_KEY_DERIVATION_H_

#include <array>
#include <cstdint>
#include <span>

#include "epa/base/secret.h"
#include "lib/crypto/contexts.h"
#include "lib/crypto/hmac.h"

namespace epa::crypto {

// SP 800-108 5.1 with a counter of 32 bits before the fixed data label || 0x00 || context || L.
// Derives `size` octets. Needs OpenSslLibrary::RequireSmb for SHA-256, has_kerberos for the others.
SecretBytes DeriveKey(HmacDigest digest, std::span<const uint8_t> key,
                      std::span<const uint8_t> label, std::span<const uint8_t> context,
                      size_t size);

// RFC 3961 5.1, DK(key, constant), for AES and one constant. Needs OpenSslLibrary::has_kerberos.
class KerberosDerivation {
 public:
  explicit KerberosDerivation(std::span<const uint8_t> constant);
  // Of one key after the other, as many octets as each has: 16 or 32.
  SecretBytes Derive(std::span<const uint8_t> key);

 private:
  std::array<uint8_t, 16> folded_;
  CipherContext cipher_;
};

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_KEY_DERIVATION_H_
