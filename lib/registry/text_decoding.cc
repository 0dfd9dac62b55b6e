#include "lib/registry/text_decoding.h"

#include <array>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"
#include "lib/base/utf16.h"

namespace epa::registry {
namespace {

constexpr std::array<uint8_t, 2> kUtf16LittleEndian = {0xFF, 0xFE};
constexpr std::array<uint8_t, 2> kUtf16BigEndian = {0xFE, 0xFF};
constexpr std::array<uint8_t, 3> kUtf8 = {0xEF, 0xBB, 0xBF};
constexpr uint16_t kReplacement = 0xFFFD;

// windows-1252 from 0x80 on, as Windows maps it; from 0xA0 on it is Unicode's.
constexpr std::array<uint16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

bool IsHighSurrogate(uint16_t unit) { return (unit & 0xFC00) == 0xD800; }
bool IsLowSurrogate(uint16_t unit) { return (unit & 0xFC00) == 0xDC00; }

std::string TextOfUnits(std::span<const uint16_t> units) {
  std::vector<uint8_t> octets;
  octets.reserve(2 * units.size());
  for (const uint16_t unit : units) {
    octets.push_back(static_cast<uint8_t>(unit));
    octets.push_back(static_cast<uint8_t>(unit >> 8));
  }
  return Utf16LeToUtf8(octets).value_or("");  // the callers' units are well-formed
}

std::vector<uint16_t> UnitsOf(ByteReader reader) {
  std::vector<uint16_t> units;
  units.reserve(reader.remaining() / 2);
  uint16_t unit = 0;
  while (reader.ReadU16(unit)) {
    units.push_back(unit);
  }
  if (!reader.at_end()) {
    units.push_back(kReplacement);
  }
  return units;
}

void ReplaceHalfPairs(std::span<uint16_t> units) {
  for (size_t i = 0; i < units.size(); ++i) {
    if (IsHighSurrogate(units[i]) && i + 1 < units.size() && IsLowSurrogate(units[i + 1])) {
      ++i;
    } else if (IsHighSurrogate(units[i]) || IsLowSurrogate(units[i])) {
      units[i] = kReplacement;
    }
  }
}

}  // namespace

absl::StatusOr<std::string> DecodeText(std::span<const uint8_t> octets) {
  ByteReader reader(octets);
  if (reader.Match(kUtf16BigEndian)) {
    return absl::InvalidArgumentError("UTF-16BE: export as UTF-16LE or UTF-8");
  }
  if (reader.Match(kUtf16LittleEndian)) {
    std::vector<uint16_t> units = UnitsOf(reader);
    ReplaceHalfPairs(units);
    return TextOfUnits(units);
  }
  (void)reader.Match(kUtf8);  // optional
  std::string text = AnsiToUtf8(reader.rest());
  if (std::string_view(text).substr(0, 2).find('\0') != std::string_view::npos) {
    return absl::InvalidArgumentError("a NUL character: UTF-16 without a byte order mark");
  }
  return text;
}

std::string AnsiToUtf8(std::span<const uint8_t> octets) {
  std::string text(octets.begin(), octets.end());
  if (IsValidUtf8(text)) {
    return text;
  }
  std::vector<uint16_t> units;
  units.reserve(octets.size());
  for (const uint8_t octet : octets) {
    const bool is_special = octet >= 0x80 && octet < 0xA0;
    units.push_back(is_special ? kWindows1252[octet - 0x80] : uint16_t{octet});
  }
  return TextOfUnits(units);
}

}  // namespace epa::registry
