#include "lib/base/ascii.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace epa {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

bool IsAscii(std::string_view text) {
  uint8_t seen = 0;
  for (const char octet : text) {
    seen |= static_cast<uint8_t>(octet);
  }
  return seen < 0x80;
}

bool EqualsIgnoringAsciiCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(View(a), View(b));
}

std::string LowercaseAscii(std::string_view text) { return absl::AsciiStrToLower(View(text)); }

}  // namespace epa
