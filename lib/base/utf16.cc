#include "lib/base/utf16.h"

#include <unistr.h>

#include <algorithm>
#include <array>

#include "lib/base/ascii.h"

namespace epa {
namespace {

// Takes the first character off UTF-16LE text of even length.
std::optional<char32_t> TakeUtf16Le(std::span<const uint8_t>& text) {
  std::array<uint16_t, 2> units{};
  const size_t count = std::min(text.size() / 2, units.size());
  for (size_t i = 0; i < count; ++i) {
    units[i] = Utf16UnitAt(text, 2 * i);
  }
  ucs4_t character = 0;
  const int taken = u16_mbtoucr(&character, units.data(), count);
  if (taken <= 0) {
    return std::nullopt;
  }
  text = text.subspan(2 * static_cast<size_t>(taken));
  return character;
}

// Nearly every name there is, is ASCII.
template <typename Octets>
std::optional<Octets> ToUtf16Le(std::string_view text) {
  Octets out;
  if (IsAscii(text)) {
    out.resize(2 * text.size());
    for (size_t i = 0; i < text.size(); ++i) {
      out[2 * i] = static_cast<uint8_t>(text[i]);
    }
    return out;
  }
  out.reserve(2 * text.size());
  while (!text.empty()) {
    const std::optional<char32_t> character = TakeUtf8(text);
    if (!character.has_value()) {
      return std::nullopt;
    }
    std::array<uint16_t, 2> units{};
    const int count = u16_uctomb(units.data(), *character, units.size());
    for (int i = 0; i < count; ++i) {
      const uint16_t unit = units[static_cast<size_t>(i)];
      out.push_back(static_cast<uint8_t>(unit));
      out.push_back(static_cast<uint8_t>(unit >> 8));
    }
  }
  return out;
}

}  // namespace

std::optional<char32_t> TakeUtf8(std::string_view& text) {
  if (static_cast<uint8_t>(text.front()) < 0x80) {
    const auto character = static_cast<char32_t>(text.front());
    text.remove_prefix(1);
    return character;
  }
  ucs4_t character = 0;
  const int taken =
      u8_mbtoucr(&character, reinterpret_cast<const uint8_t*>(text.data()), text.size());
  if (taken <= 0) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<size_t>(taken));
  return character;
}

void AppendUtf8(char32_t character, std::string& out) {
  if (character < 0x80) {
    out.push_back(static_cast<char>(character));
    return;
  }
  std::array<uint8_t, 4> octets{};
  const int size = u8_uctomb(octets.data(), character, octets.size());
  out.append(octets.begin(), octets.begin() + std::max(size, 0));
}

std::optional<std::vector<uint8_t>> Utf8ToUtf16Le(std::string_view text) {
  return ToUtf16Le<std::vector<uint8_t>>(text);
}

std::optional<Utf16Name> Utf8ToUtf16Name(std::string_view text) {
  return ToUtf16Le<Utf16Name>(text);
}

std::optional<std::string> Utf16LeToUtf8(std::span<const uint8_t> octets) {
  if (octets.size() % 2 != 0) {
    return std::nullopt;
  }
  if (IsAsciiUtf16Le(octets)) {
    std::string ascii(octets.size() / 2, '\0');
    for (size_t i = 0; i < ascii.size(); ++i) {
      ascii[i] = static_cast<char>(octets[2 * i]);
    }
    return ascii;
  }
  std::string out;
  out.reserve(octets.size() / 2);
  while (!octets.empty()) {
    const std::optional<char32_t> character = TakeUtf16Le(octets);
    if (!character.has_value()) {
      return std::nullopt;
    }
    AppendUtf8(*character, out);
  }
  return out;
}

bool IsAsciiUtf16Le(std::span<const uint8_t> octets) {
  uint32_t seen = octets.size() % 2 == 0 ? 0 : 0x80;
  for (size_t i = 0; i + 1 < octets.size(); i += 2) {
    seen |= Utf16UnitAt(octets, i);
  }
  return seen < 0x80;
}

bool IsValidUtf8(std::string_view text) {
  return u8_check(reinterpret_cast<const uint8_t*>(text.data()), text.size()) == nullptr;
}

}  // namespace epa
