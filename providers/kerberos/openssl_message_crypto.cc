#include <array>
#include <optional>
#include <utility>

#include "epa/base/random.h"
#include "epa/base/secret.h"
#include "lib/crypto/aes_cts.h"
#include "lib/crypto/hmac.h"
#include "lib/crypto/key_derivation.h"
#include "lib/crypto/openssl_library.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/message_crypto.h"

namespace epa::kerberos {
namespace {

using crypto::AesCts;
using crypto::Hmac;
using crypto::HmacDigest;

// The two families differ in how keys are derived and in what the code in the trailer covers.
enum class Family : uint8_t {
  kRfc3962,  // KRB5KDF; the code covers the plain text
  kRfc8009,  // SP 800-108; the code covers the initial vector and the cipher text
};

struct Profile {
  krb5_enctype type;
  Family family;
  HmacDigest digest;
  size_t key_size;  // of the cipher, and of the key all are derived from
  size_t hmac_key_size;
  size_t code_size;  // of trailer and checksum
};

// RFC 3962 6; RFC 8009 5.
constexpr std::array<Profile, 4> kProfiles = {{
    {ENCTYPE_AES128_CTS_HMAC_SHA1_96, Family::kRfc3962, HmacDigest::kSha1, 16, 16, 12},
    {ENCTYPE_AES256_CTS_HMAC_SHA1_96, Family::kRfc3962, HmacDigest::kSha1, 32, 32, 12},
    {ENCTYPE_AES128_CTS_HMAC_SHA256_128, Family::kRfc8009, HmacDigest::kSha256, 16, 16, 16},
    {ENCTYPE_AES256_CTS_HMAC_SHA384_192, Family::kRfc8009, HmacDigest::kSha384, 32, 24, 24},
}};

// RFC 3961 5.3, RFC 8009 5: the last octet of what a key is derived with.
enum class Purpose : uint8_t { kChecksum = 0x99, kEncryption = 0xAA, kIntegrity = 0x55 };

constexpr std::array<uint8_t, crypto::kAesBlockSize> kInitialVector{};

class OpenSslMessageCrypto final : public MessageCrypto {
 public:
  OpenSslMessageCrypto(const Profile& profile, std::span<const uint8_t> key)
      : MessageCrypto({.confounder = crypto::kAesBlockSize,
                       .trailer = profile.code_size,
                       .checksum = profile.code_size}),
        profile_(profile),
        key_(key) {}

  absl::Status Encrypt(KeyUsage usage, const SealedParts& parts) override {
    SealKeys& keys = KeysFor(AesCts::Direction::kEncrypt, usage);
    SystemRandom().Fill(parts.confounder);
    if (profile_.family == Family::kRfc3962) {
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
    if (profile_.family == Family::kRfc3962) {
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

  SecretBytes Derive(KeyUsage usage, Purpose purpose, size_t size) const {
    const std::array<uint8_t, 5> constant = {0, 0, 0, static_cast<uint8_t>(usage),
                                             static_cast<uint8_t>(purpose)};
    return profile_.family == Family::kRfc3962
               ? crypto::DeriveKerberosKey(key_.Expose(), constant)
               : crypto::DeriveKey(profile_.digest, key_.Expose(), constant, {}, size);
  }

  SealKeys& KeysFor(AesCts::Direction direction, KeyUsage usage) {
    auto& by_usage = direction == AesCts::Direction::kEncrypt ? sealing_ : unsealing_;
    std::optional<SealKeys>& keys = by_usage[IndexOf(usage)];
    if (!keys.has_value()) {
      const SecretBytes encryption = Derive(usage, Purpose::kEncryption, profile_.key_size);
      const SecretBytes integrity = Derive(usage, Purpose::kIntegrity, profile_.hmac_key_size);
      keys.emplace(SealKeys{AesCts(direction, encryption.Expose()),
                            Hmac(profile_.digest, integrity.Expose())});
    }
    return *keys;
  }

  Hmac& ChecksumKeyFor(KeyUsage usage) {
    std::optional<Hmac>& key = checksums_[IndexOf(usage)];
    if (!key.has_value()) {
      key.emplace(profile_.digest,
                  Derive(usage, Purpose::kChecksum, profile_.hmac_key_size).Expose());
    }
    return *key;
  }

  static void Apply(AesCts& cipher, const SealedParts& parts) {
    cipher.Apply(parts.confounder.first<crypto::kAesBlockSize>(), parts.message,
                 parts.header_copy.first<crypto::kAesBlockSize>());
  }

  const Profile& profile_;
  SecretBytes key_;
  // Derived when they are first needed.
  KeysByUsage<SealKeys> sealing_;
  KeysByUsage<SealKeys> unsealing_;
  KeysByUsage<Hmac> checksums_;
};

}  // namespace

std::unique_ptr<MessageCrypto> CreateOpenSslMessageCrypto(const krb5_keyblock& key) {
  for (const Profile& profile : kProfiles) {
    if (profile.type == key.enctype && profile.key_size == key.length &&
        crypto::OpenSslLibrary::Get().has_kerberos()) {
      return std::make_unique<OpenSslMessageCrypto>(profile, OctetsOf(key));
    }
  }
  return nullptr;
}

}  // namespace epa::kerberos
