// Lower-case hexadecimal text.
#ifndef EPA_LIB_BASE_HEX_H_
#define EPA_LIB_BASE_HEX_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace epa {

std::string EncodeHex(std::span<const uint8_t> octets);
// Digits of either case, an even number of them, nothing else.
std::optional<std::vector<uint8_t>> DecodeHex(std::string_view text);

}  // namespace epa

#endif  // EPA_LIB_BASE_HEX_H_
