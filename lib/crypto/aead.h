// AES in CCM and GCM mode by OpenSSL, and GMAC, which is GCM without a message.
#ifndef EPA_LIB_CRYPTO_AEAD_H_
#define EPA_LIB_CRYPTO_AEAD_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "lib/crypto/contexts.h"
#include "lib/crypto/digest.h"

namespace epa::crypto {

enum class AeadAlgorithm : uint8_t { kAes128Ccm, kAes128Gcm, kAes256Ccm, kAes256Gcm };

// Octets of a key: 16 or 32.
size_t AeadKeySize(AeadAlgorithm algorithm);
// Octets of a nonce: GCM's 12, and the 11 with which SMB uses CCM.
size_t AeadNonceSize(AeadAlgorithm algorithm);
inline constexpr size_t kAeadTagSize = 16;

// One key and one direction, for any number of messages of less than 2 GiB. Needs
// OpenSslLibrary::RequireSmb.
class Aead {
 public:
  enum class Direction : uint8_t { kSeal, kOpen };

  // `key` has AeadKeySize() octets.
  Aead(AeadAlgorithm algorithm, Direction direction, std::span<const uint8_t> key);

  // Encrypts in place and writes the tag. A nonce of AeadNonceSize() octets is used once. CCM
  // takes one part of additional data.
  void Seal(std::span<const uint8_t> nonce, Parts additional, std::span<uint8_t> message,
            std::span<uint8_t, kAeadTagSize> tag);
  // Decrypts in place. False, and `message` is wiped, where the tag does not belong to it, and for
  // an empty message in CCM mode, which OpenSSL does not compare.
  [[nodiscard]] bool Open(std::span<const uint8_t> nonce, Parts additional,
                          std::span<uint8_t> message, std::span<const uint8_t, kAeadTagSize> tag);

 private:
  void Begin(std::span<const uint8_t> nonce, Parts additional, size_t message_size);
  bool is_ccm() const;

  AeadAlgorithm algorithm_;
  CipherContext context_;
};

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_AEAD_H_
