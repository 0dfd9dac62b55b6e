// UTF-8 and UTF-16LE, strictly: text that is not well-formed is an error, never replaced.
#ifndef EPA_LIB_BASE_UTF16_H_
#define EPA_LIB_BASE_UTF16_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace epa {

std::optional<std::vector<uint8_t>> Utf8ToUtf16Le(std::string_view text);
// Fails on an odd number of octets and on lone surrogates. NUL is a character like others.
std::optional<std::string> Utf16LeToUtf8(std::span<const uint8_t> octets);
bool IsValidUtf8(std::string_view text);

// Upper-cases every character of UTF-16LE text by Unicode's simple mapping, as Windows' UpperCase
// in NTOWFv2 ([MS-NLMP] 3.3.2). Never changes the length; surrogates stay as they are.
void UppercaseUtf16Le(std::span<uint8_t> octets);
// The same for UTF-8 text, for look-ups. Text that is not UTF-8 has only its ASCII changed.
std::string UppercaseUtf8(std::string_view text);

}  // namespace epa

#endif  // EPA_LIB_BASE_UTF16_H_
