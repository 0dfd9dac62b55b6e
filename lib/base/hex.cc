#include "lib/base/hex.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace epa {

std::string EncodeHex(std::span<const uint8_t> octets) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(octets.data()), octets.size()));
}

std::optional<std::vector<uint8_t>> DecodeHex(std::string_view text) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c));
  });
  if (!digits || text.size() % 2 != 0) {
    return std::nullopt;
  }
  const std::string octets = absl::HexStringToBytes(absl::string_view(text.data(), text.size()));
  return std::vector<uint8_t>(octets.begin(), octets.end());
}

}  // namespace epa
