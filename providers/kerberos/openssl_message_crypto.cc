#include <array>
#include <optional>
#include <utility>

#include "epa/base/random.h"
#include "epa/base/secret.h"
#include "lib/crypto/aes_cts.h"
#include "lib/crypto/hmac.h"
#include "providers/kerberos/aes_profile.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/message_crypto.h"

namespace epa::kerberos {
namespace {

using crypto::AesCts;
using crypto::Hmac;

constexpr std::array<uint8_t, crypto::kAesBlockSize> kInitialVector{};

class OpenSslMessageCrypto final : public MessageCrypto {
 public:
  OpenSslMessageCrypto(const AesProfile& profile, std::span<const uint8_t> key)
      : MessageCrypto({.confounder = crypto::kAesBlockSize,
                       .trailer = profile.code_size,
                       .checksum = profile.code_size}),
        profile_(profile),
        key_(key) {}

  absl::Status Encrypt(KeyUsage usage, const SealedParts& parts) override {
    SealKeys& keys = KeysFor(AesCts::Direction::kEncrypt, usage);
    SystemRandom().Fill(parts.confounder);
    if (profile_.family == AesFamily::kRfc3962) {
      keys.integrity.Compute({parts.confounder, parts.message, parts.header_copy}, parts.trailer);
      Apply(keys.cipher, parts);
    } else {
      Apply(keys.cipher, parts);
      keys.integrity.Compute({kInitialVector, parts.confounder, parts.message, parts.header_copy},
                             parts.trailer);
    }
    return absl::OkStatus();
  }

  bool Decrypt(KeyUsage usage, const SealedParts& parts) override {
    SealKeys& keys = KeysFor(AesCts::Direction::kDecrypt, usage);
    if (profile_.family == AesFamily::kRfc3962) {
      Apply(keys.cipher, parts);
      return keys.integrity.Verify({parts.confounder, parts.message, parts.header_copy},
                                   parts.trailer);
    }
    if (!keys.integrity.Verify({kInitialVector, parts.confounder, parts.message, parts.header_copy},
                               parts.trailer)) {
      return false;
    }
    Apply(keys.cipher, parts);
    return true;
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
  struct SealKeys {
    AesCts cipher;
    Hmac integrity;
  };
  static constexpr size_t kUsages = 4;
  template <typename Key>
  using KeysByUsage = std::array<std::optional<Key>, kUsages>;
  static size_t IndexOf(KeyUsage usage) {
    return static_cast<size_t>(usage) - static_cast<size_t>(KeyUsage::kAcceptorSeal);
  }

  SecretBytes Derive(KeyUsage usage, KeyPurpose purpose) const {
    return profile_.Derive(key_.Expose(), static_cast<uint8_t>(usage), purpose);
  }

  SealKeys& KeysFor(AesCts::Direction direction, KeyUsage usage) {
    auto& by_usage = direction == AesCts::Direction::kEncrypt ? sealing_ : unsealing_;
    std::optional<SealKeys>& keys = by_usage[IndexOf(usage)];
    if (!keys.has_value()) {
      const SecretBytes encryption = Derive(usage, KeyPurpose::kEncryption);
      const SecretBytes integrity = Derive(usage, KeyPurpose::kIntegrity);
      keys.emplace(SealKeys{AesCts(direction, encryption.Expose()),
                            Hmac(profile_.digest, integrity.Expose())});
    }
    return *keys;
  }

  Hmac& ChecksumKeyFor(KeyUsage usage) {
    std::optional<Hmac>& key = checksums_[IndexOf(usage)];
    if (!key.has_value()) {
      key.emplace(profile_.digest, Derive(usage, KeyPurpose::kChecksum).Expose());
    }
    return *key;
  }

  static void Apply(AesCts& cipher, const SealedParts& parts) {
    cipher.Apply(parts.confounder.first<crypto::kAesBlockSize>(), parts.message,
                 parts.header_copy.first<crypto::kAesBlockSize>());
  }

  const AesProfile& profile_;
  SecretBytes key_;
  // Derived when they are first needed.
  KeysByUsage<SealKeys> sealing_;
  KeysByUsage<SealKeys> unsealing_;
  KeysByUsage<Hmac> checksums_;
};

}  // namespace

std::unique_ptr<MessageCrypto> CreateOpenSslMessageCrypto(const krb5_keyblock& key) {
  const AesProfile* const profile = FindAesProfile(key);
  return profile != nullptr ? std::make_unique<OpenSslMessageCrypto>(*profile, OctetsOf(key))
                            : nullptr;
}

}  // namespace epa::kerberos
