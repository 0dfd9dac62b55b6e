#include "lib/smb2/session_security.h"

#include <utility>

namespace epa::smb2 {

SigningAlgorithm DefaultSigning(Dialect dialect) {
  return dialect < Dialect::k300 ? SigningAlgorithm::kHmacSha256 : SigningAlgorithm::kAesCmac;
}

SessionSecurity::SessionSecurity(const Agreement& agreement, Sender self, SecretBytes session_key,
                                 const PreauthHash& preauth, uint64_t session_id)
    : keys_(agreement.dialect, std::move(session_key), preauth),
      signer_(agreement.signing, keys_.SigningKey()),
      self_(self),
      cipher_(agreement.cipher),
      session_id_(session_id) {}

MessageCipher& SessionSecurity::sealer() {
  if (!sealer_.has_value()) {
    sealer_.emplace(*cipher_, crypto::Aead::Direction::kSeal, keys_.CipherKey(self_, *cipher_),
                    session_id_);
  }
  return *sealer_;
}

MessageCipher& SessionSecurity::opener() {
  if (!opener_.has_value()) {
    const Sender peer = self_ == Sender::kClient ? Sender::kServer : Sender::kClient;
    opener_.emplace(*cipher_, crypto::Aead::Direction::kOpen, keys_.CipherKey(peer, *cipher_),
                    session_id_);
  }
  return *opener_;
}

}  // namespace epa::smb2
