#include "lib/crypto/key_derivation.h"

#include <algorithm>
#include <array>

#include "lib/crypto/digest.h"

namespace epa::crypto {
namespace {

std::array<uint8_t, 4> BigEndian(size_t value) {
  return {static_cast<uint8_t>(value >> 24), static_cast<uint8_t>(value >> 16),
          static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
}

}  // namespace

SecretBytes DeriveKey(std::span<const uint8_t> key, std::span<const uint8_t> label,
                      std::span<const uint8_t> context, size_t size) {
  static constexpr std::array<uint8_t, 1> kSeparator = {0};
  const std::array<uint8_t, 4> bits = BigEndian(8 * size);
  SecretBytes out(size);
  std::span<uint8_t> rest = out.ExposeMutable();
  for (size_t counter = 1; !rest.empty(); ++counter) {
    const Secret<32> block =
        HmacSha256(key, {BigEndian(counter), label, kSeparator, context, bits});
    const size_t taken = std::min(rest.size(), block.Expose().size());
    std::copy_n(block.Expose().begin(), taken, rest.begin());
    rest = rest.subspan(taken);
  }
  return out;
}

}  // namespace epa::crypto
