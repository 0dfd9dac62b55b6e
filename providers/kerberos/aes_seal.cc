#include "providers/kerberos/aes_seal.h"

#include <array>

namespace epa::kerberos {
namespace {

using crypto::kAesBlockSize;

constexpr std::array<uint8_t, kAesBlockSize> kInitialVector{};

}  // namespace

AesSeal::AesSeal(const AesProfile& profile, std::span<const uint8_t> key, uint8_t usage,
                 Direction direction)
    : profile_(profile),
      usage_(usage),
      cipher_(direction, profile.Derive(key, usage, KeyPurpose::kEncryption).Expose()),
      integrity_(profile.digest, profile.Derive(key, usage, KeyPurpose::kIntegrity).Expose()) {}

void AesSeal::ChangeKey(std::span<const uint8_t> key) {
  if (profile_.family == AesFamily::kRfc8009) {
    cipher_.ChangeKey(profile_.Derive(key, usage_, KeyPurpose::kEncryption).Expose());
    integrity_.ChangeKey(profile_.Derive(key, usage_, KeyPurpose::kIntegrity).Expose());
    return;
  }
  if (!derivations_.has_value()) {
    derivations_.emplace(Derivations{
        crypto::KerberosDerivation(DerivationConstant(usage_, KeyPurpose::kEncryption)),
        crypto::KerberosDerivation(DerivationConstant(usage_, KeyPurpose::kIntegrity))});
  }
  cipher_.ChangeKey(derivations_->encryption.Derive(key).Expose());
  integrity_.ChangeKey(derivations_->integrity.Derive(key).Expose());
}

void AesSeal::Encrypt(const SealedParts& parts) {
  if (profile_.family == AesFamily::kRfc3962) {
    integrity_.Compute({parts.confounder, parts.message, parts.header_copy}, parts.trailer);
    Apply(parts);
  } else {
    Apply(parts);
    integrity_.Compute({kInitialVector, parts.confounder, parts.message, parts.header_copy},
                       parts.trailer);
  }
}

bool AesSeal::Decrypt(const SealedParts& parts) {
  if (profile_.family == AesFamily::kRfc3962) {
    Apply(parts);
    return integrity_.Verify({parts.confounder, parts.message, parts.header_copy}, parts.trailer);
  }
  if (!integrity_.Verify({kInitialVector, parts.confounder, parts.message, parts.header_copy},
                         parts.trailer)) {
    return false;
  }
  Apply(parts);
  return true;
}

std::optional<std::span<const uint8_t>> AesSeal::Open(std::span<uint8_t> cipher) {
  if (cipher.size() < 2 * kAesBlockSize + profile_.code_size) {
    return std::nullopt;
  }
  const auto sealed = cipher.first(cipher.size() - profile_.code_size);
  const auto text = sealed.subspan(kAesBlockSize);
  const SealedParts parts = {.confounder = sealed.first(kAesBlockSize),
                             .message = text.first(text.size() - kAesBlockSize),
                             .header_copy = text.last(kAesBlockSize),
                             .trailer = cipher.last(profile_.code_size)};
  if (!Decrypt(parts)) {
    return std::nullopt;
  }
  return text;
}

void AesSeal::Apply(const SealedParts& parts) {
  cipher_.Apply(parts.confounder.first<kAesBlockSize>(), parts.message,
                parts.header_copy.first<kAesBlockSize>());
}

}  // namespace epa::kerberos
