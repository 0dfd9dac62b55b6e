// UTF-8 and UTF-16LE, strictly: text that is not well-formed is an error, never replaced.
#ifndef EPA_LIB_BASE_UTF16_H_
#define EPA_LIB_BASE_UTF16_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"

namespace epa {

// UTF-16LE text that is a name: short, as a rule, and then without an allocation.
using Utf16Name = absl::InlinedVector<uint8_t, 64>;

// One allocation: a secret in `text` leaves no copy beside the result.
std::optional<std::vector<uint8_t>> Utf8ToUtf16Le(std::string_view text);
std::optional<Utf16Name> Utf8ToUtf16Name(std::string_view text);
// Fails on an odd number of octets and on lone surrogates. NUL is a character like others.
std::optional<std::string> Utf16LeToUtf8(std::span<const uint8_t> octets);
bool IsValidUtf8(std::string_view text);
// Whether it is UTF-16LE text of even length, and ASCII throughout.
bool IsAsciiUtf16Le(std::span<const uint8_t> octets);

// Takes the first character off `text`, which is not empty; no value, and `text` stays, where it is
// not well-formed (Unicode 3.9 D92).
std::optional<char32_t> TakeUtf8(std::string_view& text);
// `character` is one of Unicode's and no surrogate.
void AppendUtf8(char32_t character, std::string& out);

// The code unit at an offset in octets; two octets are there.
inline uint16_t Utf16UnitAt(std::span<const uint8_t> octets, size_t offset) {
  return static_cast<uint16_t>(octets[offset] | octets[offset + 1] << 8);
}

}  // namespace epa

#endif  // EPA_LIB_BASE_UTF16_H_
