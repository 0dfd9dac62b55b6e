// Signatures of SMB2 messages ([MS-SMB2] 3.1.4.1).
#ifndef EPA_LIB_SMB2_MESSAGE_SIGNER_H_
#define EPA_LIB_SMB2_MESSAGE_SIGNER_H_

#include <array>
#include <cstdint>
#include <span>
#include <variant>

#include "epa/base/secret.h"
#include "epa/smb2/protocol.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/aes_cmac.h"

namespace epa::smb2 {

// One session's signing key, for both directions.
class MessageSigner {
 public:
  MessageSigner(SigningAlgorithm algorithm, const Secret<16>& key);

  // `message`: header and body, at least a header, with kFlagSigned set. The header says who sent
  // it and which message it is, which matters to AES-GMAC.
  void Sign(std::span<uint8_t> message);
  [[nodiscard]] bool Verify(std::span<const uint8_t> message);

 private:
  std::array<uint8_t, kSignatureSize> Compute(std::span<const uint8_t> message);

  // In the order of SigningAlgorithm: HMAC-SHA256, AES-CMAC, AES-GMAC.
  std::variant<Secret<16>, crypto::AesCmac, crypto::Aead> key_;
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_MESSAGE_SIGNER_H_
