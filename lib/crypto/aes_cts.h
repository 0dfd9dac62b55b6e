// AES in CBC mode with ciphertext stealing, by OpenSSL: CBC-CS3 of NIST SP 800-38A's addendum, as
// Kerberos has it (RFC 3962 5, RFC 8009 3), with an initial vector of zeros.
#ifndef EPA_LIB_CRYPTO_AES_CTS_H_
#define EPA_LIB_CRYPTO_AES_CTS_H_

#include <cstdint>
#include <span>

#include "lib/crypto/contexts.h"

namespace epa::crypto {

inline constexpr size_t kAesBlockSize = 16;

// One key and one direction, for any number of messages of less than 2 GiB. Needs
// OpenSslLibrary::has_kerberos.
class AesCts {
 public:
  enum class Direction : uint8_t { kEncrypt, kDecrypt };
  using Block = std::span<uint8_t, kAesBlockSize>;

  // `key` has 16 or 32 octets.
  AesCts(Direction direction, std::span<const uint8_t> key);

  // Another key of the same size, at less cost than another object.
  void ChangeKey(std::span<const uint8_t> key);
  // Encrypts or decrypts, in place, the concatenation of `first`, `middle` and `last`.
  void Apply(Block first, std::span<uint8_t> middle, Block last);
  // The first block of any message is that of plain CBC, whatever follows.
  void ApplyToBlock(Block block);

 private:
  void Start();
  void Update(std::span<uint8_t> data);
  void EncryptEnd(std::span<uint8_t, 2 * kAesBlockSize> end);
  void DecryptEnd(std::span<uint8_t> end, Block chain);

  CipherContext blocks_;  // CBC
  Direction direction_;
};

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_AES_CTS_H_
