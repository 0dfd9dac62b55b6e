// What the AES encryption types seal and open messages with (RFC 3962 6, RFC 8009 5).
#ifndef EPA_PROVIDERS_KERBEROS_AES_SEAL_H_
#define EPA_PROVIDERS_KERBEROS_AES_SEAL_H_

#include <cstdint>
#include <optional>
#include <span>

#include "lib/crypto/aes_cts.h"
#include "lib/crypto/hmac.h"
#include "lib/crypto/key_derivation.h"
#include "providers/kerberos/aes_profile.h"
#include "providers/kerberos/message_crypto.h"

namespace epa::kerberos {

// One key, one usage and one direction, for any number of messages. For one thread.
class AesSeal {
 public:
  using Direction = crypto::AesCts::Direction;

  // `key` has profile.key_size octets.
  AesSeal(const AesProfile& profile, std::span<const uint8_t> key, uint8_t usage,
          Direction direction);

  // Another key of the same type, at less cost than another object.
  void ChangeKey(std::span<const uint8_t> key);

  // In place. Confounder and header copy have at least a block each.
  void Encrypt(const SealedParts& parts);
  // False where the trailer does not belong to the rest, which then holds nothing of use.
  [[nodiscard]] bool Decrypt(const SealedParts& parts);

  // The same for what EncryptedData (RFC 4120 5.2.9) has, in place: the text within `cipher`. No
  // value: not sealed with this key, or less than two blocks.
  std::optional<std::span<const uint8_t>> Open(std::span<uint8_t> cipher);

 private:
  void Apply(const SealedParts& parts);

  // Kept for keys that change; RFC 8009 has others.
  struct Derivations {
    crypto::KerberosDerivation encryption;
    crypto::KerberosDerivation integrity;
  };

  const AesProfile& profile_;
  uint8_t usage_;
  std::optional<Derivations> derivations_;  // with the first change
  crypto::AesCts cipher_;
  crypto::Hmac integrity_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_AES_SEAL_H_
