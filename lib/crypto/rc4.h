// RC4 by OpenSSL's legacy provider.
#ifndef EPA_LIB_CRYPTO_RC4_H_
#define EPA_LIB_CRYPTO_RC4_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "epa/base/secret.h"
#include "lib/crypto/contexts.h"

namespace epa::crypto {

// One key stream. Needs OpenSslLibrary::RequireNtlm.
class Rc4 {
 public:
  // `key`: 5 to 256 octets.
  explicit Rc4(std::span<const uint8_t> key);

  // Encrypts or decrypts in place, from where the stream is.
  void Apply(std::span<uint8_t> data);

 private:
  CipherContext context_;
};

// RC4 in place with the start of the key's stream. Nothing of the key stays behind.
void Rc4FromStart(const Secret<16>& key, std::span<uint8_t> data);
// The same for 16 octets: NTLM's wrapping of the session key ([MS-NLMP] 3.4.5).
Secret<16> Rc4WrapKey(const Secret<16>& key, std::span<const uint8_t, 16> in);

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_RC4_H_
