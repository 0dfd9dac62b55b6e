#include "lib/registry/text_decoding.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"
#include "lib/base/utf16.h"

namespace epa::registry {
namespace {

constexpr std::array<uint8_t, 2> kUtf16LittleEndian = {0xFF, 0xFE};
constexpr std::array<uint8_t, 2> kUtf16BigEndian = {0xFE, 0xFF};
constexpr std::array<uint8_t, 3> kUtf8 = {0xEF, 0xBB, 0xBF};

}  // namespace

absl::StatusOr<std::string> DecodeText(std::span<const uint8_t> octets) {
  ByteReader reader(octets);
  if (reader.Match(kUtf16BigEndian)) {
    return absl::InvalidArgumentError("UTF-16BE: export as UTF-16LE or UTF-8");
  }
  if (reader.Match(kUtf16LittleEndian)) {
    std::optional<std::string> text = Utf16LeToUtf8(reader.rest());
    if (!text.has_value()) {
      return absl::InvalidArgumentError("not well-formed UTF-16LE");
    }
    if (text->find('\0') != std::string::npos) {
      return absl::InvalidArgumentError("a NUL character");
    }
    return *std::move(text);
  }
  (void)reader.Match(kUtf8);  // optional
  std::string text(reader.rest().begin(), reader.rest().end());
  if (text.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        "a NUL character: neither UTF-8 nor UTF-16LE with a byte order mark");
  }
  if (!IsValidUtf8(text)) {
    return absl::InvalidArgumentError(
        "neither well-formed UTF-8 nor UTF-16LE with a byte order mark");
  }
  return text;
}

}  // namespace epa::registry
