// Encrypted SMB3 messages: the TRANSFORM_HEADER ([MS-SMB2] 2.2.41, 3.1.4.3).
#ifndef EPA_LIB_SMB2_MESSAGE_CIPHER_H_
#define EPA_LIB_SMB2_MESSAGE_CIPHER_H_

#include <array>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "epa/base/secret.h"
#include "epa/smb2/protocol.h"
#include "lib/crypto/aead.h"

namespace epa::smb2 {

struct TransformHeader {
  std::array<uint8_t, kSignatureSize> signature{};
  std::array<uint8_t, 16> nonce{};
  uint32_t original_size = 0;
  uint64_t session_id = 0;
};

// True for a message that begins with the transform's protocol id.
bool IsTransformed(std::span<const uint8_t> message);
// InvalidArgument for a message that is cut short, not marked as encrypted, or whose original size
// is not that of what follows.
absl::StatusOr<TransformHeader> ParseTransformHeader(std::span<const uint8_t> message);
void WriteTransformHeader(const TransformHeader& header,
                          std::span<uint8_t, kTransformHeaderSize> out);

// One session's key for one direction.
class MessageCipher {
 public:
  // `key` has 16 octets, or 32 for the AES-256 ciphers.
  MessageCipher(Cipher cipher, crypto::Aead::Direction direction, const SecretBytes& key,
                uint64_t session_id);

  // `message`: room for a transform header, then the plain text. Writes the header with the next
  // nonce and encrypts in place. A session cannot live to use 2^64 nonces.
  void Seal(std::span<uint8_t> message);
  // Decrypts in place what follows the header, which `header` was read from.
  [[nodiscard]] bool Open(const TransformHeader& header, std::span<uint8_t> message);

 private:
  size_t nonce_size_;
  crypto::Aead aead_;
  uint64_t session_id_;
  uint64_t next_nonce_ = 0;
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_MESSAGE_CIPHER_H_
