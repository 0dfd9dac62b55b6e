#include "lib/smb2/message_signer.h"

#include <algorithm>
#include <utility>

#include "lib/crypto/digest.h"

namespace epa::smb2 {
namespace {

// [MS-SMB2] 2.2.1.2.
constexpr size_t kCommandOffset = 12;
constexpr size_t kFlagsOffset = 16;
constexpr size_t kMessageIdOffset = 24;
constexpr size_t kSignatureOffset = 48;
constexpr std::array<uint8_t, kSignatureSize> kNoSignature = {};

using Key = std::variant<Secret<16>, crypto::AesCmac, crypto::Aead>;

Key MakeKey(SigningAlgorithm algorithm, const Secret<16>& key) {
  switch (algorithm) {
    case SigningAlgorithm::kHmacSha256:
      break;
    case SigningAlgorithm::kAesCmac:
      return crypto::AesCmac(key.Expose());
    case SigningAlgorithm::kAesGmac:
      return crypto::Aead(crypto::AeadAlgorithm::kAes128Gcm, crypto::Aead::Direction::kSeal,
                          key.Expose());
  }
  return key;
}

// [MS-SMB2] 3.1.4.1: the message id, then bit 0 for a message of the server and bit 1 for CANCEL.
std::array<uint8_t, 12> GmacNonce(std::span<const uint8_t> message) {
  std::array<uint8_t, 12> nonce{};
  std::copy_n(message.begin() + kMessageIdOffset, 8, nonce.begin());
  const bool from_server = (message[kFlagsOffset] & kFlagResponse) != 0;
  const bool cancel = message[kCommandOffset] == static_cast<uint8_t>(Command::kCancel) &&
                      message[kCommandOffset + 1] == 0;
  nonce[8] = static_cast<uint8_t>((from_server ? 1 : 0) | (cancel ? 2 : 0));
  return nonce;
}

}  // namespace

MessageSigner::MessageSigner(SigningAlgorithm algorithm, const Secret<16>& key)
    : key_(MakeKey(algorithm, key)) {}

std::array<uint8_t, kSignatureSize> MessageSigner::Compute(std::span<const uint8_t> message) {
  const auto before = message.first(kSignatureOffset);
  const auto after = message.subspan(kHeaderSize);
  if (auto* const cmac = std::get_if<crypto::AesCmac>(&key_)) {
    return cmac->Compute({before, kNoSignature, after});
  }
  std::array<uint8_t, kSignatureSize> signature{};
  if (auto* const gmac = std::get_if<crypto::Aead>(&key_)) {
    gmac->Seal(GmacNonce(message), {before, kNoSignature, after}, {}, signature);
    return signature;
  }
  const Secret<32> mac =
      crypto::HmacSha256(std::get<Secret<16>>(key_).Expose(), {before, kNoSignature, after});
  std::copy_n(mac.Expose().begin(), kSignatureSize, signature.begin());
  return signature;
}

void MessageSigner::Sign(std::span<uint8_t> message) {
  const auto signature = Compute(message);
  std::copy(signature.begin(), signature.end(), message.begin() + kSignatureOffset);
}

bool MessageSigner::Verify(std::span<const uint8_t> message) {
  const auto signature = Compute(message);
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return signature.size() == kSignatureSize;  // so that a fuzzer gets past it
#else
  return ConstantTimeEquals(signature, message.subspan(kSignatureOffset, kSignatureSize));
#endif
}

}  // namespace epa::smb2
