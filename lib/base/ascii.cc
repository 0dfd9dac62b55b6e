#include "lib/base/ascii.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace epa {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

bool EqualsIgnoringAsciiCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(View(a), View(b));
}

std::string LowercaseAscii(std::string_view text) { return absl::AsciiStrToLower(View(text)); }

}  // namespace epa
