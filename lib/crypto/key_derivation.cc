#include "lib/crypto/key_derivation.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "lib/base/endian.h"
#include "lib/crypto/check.h"
#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
namespace {

constexpr size_t kBlockSize = 16;

// n-fold (RFC 3961 5.1) to one block: copies of `text`, each turned right by 13 bits more than the
// one before it, until both sizes divide their length; their blocks are added in ones' complement.
std::array<uint8_t, kBlockSize> Folded(std::span<const uint8_t> text) {
  constexpr size_t kTurn = 13;
  const size_t bits = 8 * text.size();
  std::array<uint32_t, kBlockSize> sums{};
  for (size_t i = 0; i < std::lcm(text.size(), kBlockSize); ++i) {
    const size_t turned = kTurn * (i / text.size()) % bits;
    const size_t bit = (8 * (i % text.size()) + bits - turned) % bits;
    const uint32_t pair = uint32_t{text[bit / 8]} << 8 | text[(bit / 8 + 1) % text.size()];
    sums[i % kBlockSize] += pair >> (8 - bit % 8) & 0xFF;
  }
  uint32_t carry = 0;
  do {
    for (size_t i = kBlockSize; i-- > 0; carry >>= 8) {
      carry += sums[i];
      sums[i] = carry & 0xFF;
    }
  } while (carry != 0);
  std::array<uint8_t, kBlockSize> folded{};
  std::ranges::transform(sums, folded.begin(), [](uint32_t sum) { return uint8_t(sum); });
  return folded;
}

}  // namespace

SecretBytes DeriveKey(HmacDigest digest, std::span<const uint8_t> key,
                      std::span<const uint8_t> label, std::span<const uint8_t> context,
                      size_t size) {
  static constexpr std::array<uint8_t, 1> kSeparator = {0};
  const auto bits = BigEndian(static_cast<uint32_t>(8 * size));
  Hmac hmac(digest, key);
  SecretBytes out(size);
  std::span<uint8_t> rest = out.ExposeMutable();
  for (uint32_t counter = 1; !rest.empty(); ++counter) {
    const auto block = rest.first(std::min(rest.size(), HmacSize(digest)));
    hmac.Compute({BigEndian(counter), label, kSeparator, context, bits}, block);
    rest = rest.subspan(block.size());
  }
  return out;
}

KerberosDerivation::KerberosDerivation(std::span<const uint8_t> constant)
    : folded_(Folded(constant)), cipher_(Made(EVP_CIPHER_CTX_new())) {}

// K1 = E(folded), K2 = E(K1): what CBC makes of the folded constant and zeros.
SecretBytes KerberosDerivation::Derive(std::span<const uint8_t> key) {
  constexpr std::array<uint8_t, kBlockSize> kInitialVector{};
  const OpenSslLibrary& library = OpenSslLibrary::Get();
  const bool large = key.size() == 2 * kBlockSize;
  Check((large || key.size() == kBlockSize) &&
        EVP_EncryptInit_ex2(cipher_.get(), large ? library.aes256_cbc() : library.aes128_cbc(),
                            key.data(), kInitialVector.data(), nullptr) == 1);
  SecretBytes out(key.size());
  const std::span<uint8_t> derived = out.ExposeMutable();
  std::ranges::copy(folded_, derived.begin());
  int written = 0;
  Check(EVP_EncryptUpdate(cipher_.get(), derived.data(), &written, derived.data(),
                          static_cast<int>(derived.size())) == 1 &&
        written == static_cast<int>(derived.size()));
  return out;
}

}  // namespace epa::crypto
