#include "lib/base/utf16.h"

#include <unicase.h>

#include <algorithm>

namespace epa {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

bool IsHighSurrogate(char32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(char32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// The smallest character a UTF-8 sequence of this length may encode.
char32_t SmallestOfLength(size_t length) {
  return length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
}

// Takes the first character off `text`; kInvalid when it is not well-formed (Unicode 3.9 D92).
char32_t TakeUtf8(std::string_view& text) {
  const auto first = static_cast<uint8_t>(text.front());
  const size_t length = first < 0x80             ? 1
                        : (first & 0xE0) == 0xC0 ? 2
                        : (first & 0xF0) == 0xE0 ? 3
                        : (first & 0xF8) == 0xF0 ? 4
                                                 : 0;
  if (length == 0 || length > text.size()) {
    return kInvalid;
  }
  char32_t character = length == 1 ? first : first & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) {
      return kInvalid;
    }
    character = (character << 6) | (next & 0x3F);
  }
  if (length > 1 && (character < SmallestOfLength(length) || character > 0x10FFFF ||
                     IsHighSurrogate(character) || IsLowSurrogate(character))) {
    return kInvalid;
  }
  text.remove_prefix(length);
  return character;
}

void AppendUtf8(char32_t character, std::string& out) {
  if (character < 0x80) {
    out.push_back(static_cast<char>(character));
    return;
  }
  const int continuations = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  const auto lead = static_cast<uint8_t>(0xFF00 >> (continuations + 1));
  out.push_back(static_cast<char>(lead | (character >> (6 * continuations))));
  for (int i = continuations - 1; i >= 0; --i) {
    out.push_back(static_cast<char>(0x80 | ((character >> (6 * i)) & 0x3F)));
  }
}

void AppendUnit(char32_t unit, std::vector<uint8_t>& out) {
  out.push_back(static_cast<uint8_t>(unit));
  out.push_back(static_cast<uint8_t>(unit >> 8));
}

char32_t UnitAt(std::span<const uint8_t> octets, size_t index) {
  return octets[index] | static_cast<char32_t>(octets[index + 1]) << 8;
}

bool IsAscii(std::span<const uint8_t> utf16) {
  uint32_t seen = 0;
  for (size_t i = 0; i < utf16.size(); i += 2) {
    seen |= UnitAt(utf16, i);
  }
  return seen < 0x80;
}

char32_t Uppercase(char32_t character) {
  if (character < 0x80) {
    return character >= 'a' && character <= 'z' ? character - 0x20 : character;
  }
  // U+0131 and U+017F have ASCII letters as their upper case; Windows' table leaves them alone.
  const char32_t upper = uc_toupper(character);
  return upper < 0x80 ? character : upper;
}

}  // namespace

std::optional<std::vector<uint8_t>> Utf8ToUtf16Le(std::string_view text) {
  std::vector<uint8_t> out;
  out.reserve(2 * text.size());
  while (!text.empty()) {
    const char32_t character = TakeUtf8(text);
    if (character == kInvalid) {
      return std::nullopt;
    }
    if (character < 0x10000) {
      AppendUnit(character, out);
    } else {
      AppendUnit(0xD800 + ((character - 0x10000) >> 10), out);
      AppendUnit(0xDC00 + ((character - 0x10000) & 0x3FF), out);
    }
  }
  return out;
}

std::optional<std::string> Utf16LeToUtf8(std::span<const uint8_t> octets) {
  if (octets.size() % 2 != 0) {
    return std::nullopt;
  }
  if (IsAscii(octets)) {
    // Nearly every name there is: in a string that fits.
    std::string ascii(octets.size() / 2, '\0');
    for (size_t i = 0; i < ascii.size(); ++i) {
      ascii[i] = static_cast<char>(octets[2 * i]);
    }
    return ascii;
  }
  std::string out;
  out.reserve(octets.size() / 2);
  for (size_t i = 0; i < octets.size(); i += 2) {
    char32_t character = UnitAt(octets, i);
    if (IsHighSurrogate(character)) {
      i += 2;
      if (i >= octets.size() || !IsLowSurrogate(UnitAt(octets, i))) {
        return std::nullopt;
      }
      character = 0x10000 + ((character - 0xD800) << 10) + (UnitAt(octets, i) - 0xDC00);
    } else if (IsLowSurrogate(character)) {
      return std::nullopt;
    }
    AppendUtf8(character, out);
  }
  return out;
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    if (TakeUtf8(text) == kInvalid) {
      return false;
    }
  }
  return true;
}

void UppercaseUtf16Le(std::span<uint8_t> octets) {
  for (size_t i = 0; i + 1 < octets.size(); i += 2) {
    const char32_t upper = Uppercase(UnitAt(octets, i));
    if (upper < 0x10000) {
      octets[i] = static_cast<uint8_t>(upper);
      octets[i + 1] = static_cast<uint8_t>(upper >> 8);
    }
  }
}

std::string UppercaseUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::string_view rest = text;
  while (!rest.empty()) {
    const char32_t character = TakeUtf8(rest);
    if (character == kInvalid) {
      out.push_back(rest.front());
      rest.remove_prefix(1);
    } else {
      AppendUtf8(Uppercase(character), out);
    }
  }
  return out;
}

}  // namespace epa
