// AES-128-CMAC (RFC 4493) by OpenSSL.
#ifndef EPA_LIB_CRYPTO_AES_CMAC_H_
#define EPA_LIB_CRYPTO_AES_CMAC_H_

#include <array>
#include <cstdint>
#include <span>

#include "lib/crypto/contexts.h"
#include "lib/crypto/digest.h"

namespace epa::crypto {

// One key, for any number of messages. Needs OpenSslLibrary::RequireSmb.
class AesCmac {
 public:
  explicit AesCmac(std::span<const uint8_t, 16> key);

  // Of the concatenation of `parts`.
  std::array<uint8_t, 16> Compute(Parts parts);

 private:
  MacContext context_;
};

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_AES_CMAC_H_
