// Key derivation by NIST SP 800-108 in counter mode with HMAC-SHA256.
#ifndef EPA_LIB_CRYPTO_KEY_DERIVATION_H_
#define EPA_LIB_CRYPTO_KEY_DERIVATION_H_

#include <cstdint>
#include <span>

#include "epa/base/secret.h"

namespace epa::crypto {

// SP 800-108 5.1 with a counter of 32 bits before the fixed data label || 0x00 || context || L.
// Derives `size` octets. Needs OpenSslLibrary::RequireSmb.
SecretBytes DeriveKey(std::span<const uint8_t> key, std::span<const uint8_t> label,
                      std::span<const uint8_t> context, size_t size);

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_KEY_DERIVATION_H_
