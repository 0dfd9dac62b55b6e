#include "lib/base/upper_case.h"

#include <unicase.h>
#include <unistr.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/utf16.h"
#include "lib/base/windows_uppercase_table.h"

namespace epa {
namespace {

uint16_t UppercaseUnit(uint16_t unit) {
  if (unit < 0x80) {
    return unit >= 'a' && unit <= 'z' ? unit - 0x20 : unit;
  }
  const auto run = std::ranges::lower_bound(kWindowsUppercase, unit, {}, &UppercaseRun::last);
  if (run == kWindowsUppercase.end() || unit < run->first ||
      (unit - run->first) % run->stride != 0) {
    return unit;
  }
  return static_cast<uint16_t>(run->upper + (unit - run->first));
}

std::string SimpleUppercase(std::string_view utf8) {
  std::string out;
  while (!utf8.empty()) {
    const std::optional<char32_t> character = TakeUtf8(utf8);
    if (!character.has_value()) {
      return {};
    }
    AppendUtf8(uc_toupper(*character), out);
  }
  return out;
}

struct Free {
  void operator()(uint8_t* memory) const { std::free(memory); }
};

// Empty where memory is short.
std::string FullUppercase(std::string_view utf8) {
  size_t size = 0;
  const std::unique_ptr<uint8_t, Free> upper(
      u8_toupper(reinterpret_cast<const uint8_t*>(utf8.data()), utf8.size(), nullptr, nullptr,
                 nullptr, &size));
  return upper == nullptr ? std::string()
                          : std::string(reinterpret_cast<const char*>(upper.get()), size);
}

}  // namespace

void UppercaseUtf16Le(std::span<uint8_t> octets) {
  for (size_t i = 0; i + 1 < octets.size(); i += 2) {
    const uint16_t upper = UppercaseUnit(Utf16UnitAt(octets, i));
    octets[i] = static_cast<uint8_t>(upper);
    octets[i + 1] = static_cast<uint8_t>(upper >> 8);
  }
}

std::string UppercaseUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char first = text.front();
    const std::optional<char32_t> character = TakeUtf8(text);
    if (!character.has_value()) {
      out.push_back(first);
      text.remove_prefix(1);
    } else if (*character > 0xFFFF) {
      AppendUtf8(*character, out);
    } else {
      AppendUtf8(UppercaseUnit(static_cast<uint16_t>(*character)), out);
    }
  }
  return out;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return EqualsIgnoringAsciiCase(a, b) ||
         (!(IsAscii(a) && IsAscii(b)) && UppercaseUtf8(a) == UppercaseUtf8(b));
}

std::vector<std::vector<uint8_t>> OtherUppercasesOf(std::span<const uint8_t> utf16) {
  const std::optional<std::string> text =
      IsAsciiUtf16Le(utf16) ? std::nullopt : Utf16LeToUtf8(utf16);
  if (!text.has_value()) {
    return {};
  }
  std::vector<uint8_t> windows(utf16.begin(), utf16.end());
  UppercaseUtf16Le(windows);
  std::vector<std::vector<uint8_t>> others;
  for (const std::string& upper : {SimpleUppercase(*text), FullUppercase(*text)}) {
    std::optional<std::vector<uint8_t>> octets = Utf8ToUtf16Le(upper);
    if (octets.has_value() && !octets->empty() && *octets != windows &&
        std::ranges::find(others, *octets) == others.end()) {
      others.push_back(*std::move(octets));
    }
  }
  return others;
}

}  // namespace epa
