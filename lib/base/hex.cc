#include "lib/base/hex.h"

#include "absl/strings/escaping.h"

namespace epa {
namespace {

std::optional<uint8_t> DigitOf(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<uint8_t>(c - '0');
  }
  if (c >= 'a' && c <= 'f') {
    return static_cast<uint8_t>(c - 'a' + 10);
  }
  if (c >= 'A' && c <= 'F') {
    return static_cast<uint8_t>(c - 'A' + 10);
  }
  return std::nullopt;
}

}  // namespace

std::string EncodeHex(std::span<const uint8_t> octets) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(octets.data()), octets.size()));
}

std::optional<std::vector<uint8_t>> DecodeHex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return std::nullopt;
  }
  std::vector<uint8_t> octets;
  octets.reserve(text.size() / 2);
  for (; !text.empty(); text.remove_prefix(2)) {
    const std::optional<uint8_t> high = DigitOf(text[0]);
    const std::optional<uint8_t> low = DigitOf(text[1]);
    if (!high.has_value() || !low.has_value()) {
      return std::nullopt;
    }
    octets.push_back(static_cast<uint8_t>(*high << 4 | *low));
  }
  return octets;
}

}  // namespace epa
