#include "lib/base/base64.h"

#include <string>

#include "absl/strings/escaping.h"

namespace epa {

std::string EncodeBase64(std::span<const uint8_t> octets) {
  return absl::Base64Escape(
      absl::string_view(reinterpret_cast<const char*>(octets.data()), octets.size()));
}

std::optional<std::vector<uint8_t>> DecodeBase64(std::string_view text) {
  std::string decoded;
  if (!absl::Base64Unescape(absl::string_view(text.data(), text.size()), &decoded)) {
    return std::nullopt;
  }
  // absl tolerates white space, missing padding, '.' and stray bits: only the one spelling that
  // encoding gives is ours.
  if (absl::Base64Escape(decoded) != text) {
    return std::nullopt;
  }
  return std::vector<uint8_t>(decoded.begin(), decoded.end());
}

std::optional<std::vector<uint8_t>> DecodeBase64AnyPadding(std::string_view text) {
  const size_t size = text.find_last_not_of('=') + 1;  // 0 where there is nothing else
  std::string padded(text.substr(0, size));
  padded.append((4 - size % 4) % 4, '=');
  return size == 0 && !text.empty() ? std::nullopt : DecodeBase64(padded);
}

}  // namespace epa
