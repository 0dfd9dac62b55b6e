// Base64 (RFC 4648 4), strictly.
#ifndef EPA_LIB_BASE_BASE64_H_
#define EPA_LIB_BASE_BASE64_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace epa {

std::string EncodeBase64(std::span<const uint8_t> octets);
// Accepts exactly what EncodeBase64 writes: padded, no white space, no other alphabet, unused bits
// zero. Empty text is an empty result.
std::optional<std::vector<uint8_t>> DecodeBase64(std::string_view text);
// The same with any number of '=' at the end, none included, as some HTTP peers send it.
std::optional<std::vector<uint8_t>> DecodeBase64AnyPadding(std::string_view text);

}  // namespace epa

#endif  // EPA_LIB_BASE_BASE64_H_
