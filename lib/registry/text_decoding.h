// The octets of a registry file as UTF-8.
#ifndef EPA_LIB_REGISTRY_TEXT_DECODING_H_
#define EPA_LIB_REGISTRY_TEXT_DECODING_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"

namespace epa::registry {

// By the byte order mark: UTF-16LE, in which half a surrogate pair or half a unit becomes U+FFFD,
// or UTF-8; without a mark as AnsiToUtf8. Fails on UTF-16 of the other order or without a mark.
absl::StatusOr<std::string> DecodeText(std::span<const uint8_t> octets);

// Text in a code page of Windows. Which one is not said anywhere: what is well-formed UTF-8 is
// taken as such, anything else as windows-1252. ASCII, of which all settings' names and values are,
// is the same in all of them.
std::string AnsiToUtf8(std::span<const uint8_t> octets);

}  // namespace epa::registry

#endif  // EPA_LIB_REGISTRY_TEXT_DECODING_H_
