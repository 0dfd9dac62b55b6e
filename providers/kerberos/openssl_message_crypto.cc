#include <array>
#include <optional>
#include <utility>

#include "epa/base/random.h"
#include "epa/base/secret.h"
#include "lib/crypto/aes_cts.h"
#include "lib/crypto/hmac.h"
#include "providers/kerberos/aes_profile.h"
#include "providers/kerberos/aes_seal.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/message_crypto.h"

namespace epa::kerberos {
namespace {

using crypto::Hmac;

class OpenSslMessageCrypto final : public MessageCrypto {
 public:
  OpenSslMessageCrypto(const AesProfile& profile, std::span<const uint8_t> key)
      : MessageCrypto({.confounder = crypto::kAesBlockSize,
                       .trailer = profile.code_size,
                       .checksum = profile.code_size}),
        profile_(profile),
        key_(key) {}

  absl::Status Encrypt(KeyUsage usage, const SealedParts& parts) override {
    SystemRandom().Fill(parts.confounder);
    SealFor(AesSeal::Direction::kEncrypt, usage).Encrypt(parts);
    return absl::OkStatus();
  }

  bool Decrypt(KeyUsage usage, const SealedParts& parts) override {
    return SealFor(AesSeal::Direction::kDecrypt, usage).Decrypt(parts);
  }

  absl::Status MakeChecksum(KeyUsage usage, const SignedParts& parts,
                            std::span<uint8_t> checksum) override {
    ChecksumKeyFor(usage).Compute({parts.message, parts.header}, checksum);
    return absl::OkStatus();
  }

  bool VerifyChecksum(KeyUsage usage, const SignedParts& parts,
                      std::span<const uint8_t> checksum) override {
    return ChecksumKeyFor(usage).Verify({parts.message, parts.header}, checksum);
  }

 private:
  static constexpr size_t kUsages = 4;
  template <typename Key>
  using KeysByUsage = std::array<std::optional<Key>, kUsages>;
  static size_t IndexOf(KeyUsage usage) {
    return static_cast<size_t>(usage) - static_cast<size_t>(KeyUsage::kAcceptorSeal);
  }

  AesSeal& SealFor(AesSeal::Direction direction, KeyUsage usage) {
    auto& by_usage = direction == AesSeal::Direction::kEncrypt ? sealing_ : unsealing_;
    std::optional<AesSeal>& seal = by_usage[IndexOf(usage)];
    if (!seal.has_value()) {
      seal.emplace(profile_, key_.Expose(), static_cast<uint8_t>(usage), direction);
    }
    return *seal;
  }

  Hmac& ChecksumKeyFor(KeyUsage usage) {
    std::optional<Hmac>& key = checksums_[IndexOf(usage)];
    if (!key.has_value()) {
      key.emplace(profile_.digest,
                  profile_.Derive(key_.Expose(), static_cast<uint8_t>(usage), KeyPurpose::kChecksum)
                      .Expose());
    }
    return *key;
  }

  const AesProfile& profile_;
  SecretBytes key_;
  // Derived when they are first needed.
  KeysByUsage<AesSeal> sealing_;
  KeysByUsage<AesSeal> unsealing_;
  KeysByUsage<Hmac> checksums_;
};

}  // namespace

std::unique_ptr<MessageCrypto> CreateOpenSslMessageCrypto(const krb5_keyblock& key) {
  const AesProfile* const profile = FindAesProfile(key);
  return profile != nullptr ? std::make_unique<OpenSslMessageCrypto>(*profile, OctetsOf(key))
                            : nullptr;
}

}  // namespace epa::kerberos
