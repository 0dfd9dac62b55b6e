// The octets of a registry file as UTF-8.
#ifndef EPA_LIB_REGISTRY_TEXT_DECODING_H_
#define EPA_LIB_REGISTRY_TEXT_DECODING_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"

namespace epa::registry {

// By the byte order mark: UTF-16LE or UTF-8; UTF-8 without one. Fails on text that is not
// well-formed, on UTF-16 of the other order or without a mark, and on NUL characters.
absl::StatusOr<std::string> DecodeText(std::span<const uint8_t> octets);

}  // namespace epa::registry

#endif  // EPA_LIB_REGISTRY_TEXT_DECODING_H_
