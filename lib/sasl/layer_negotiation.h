// The two messages by which GSSAPI agrees on a security layer (RFC 4752 3.1, 3.2), as they are
// inside their wrapping.
#ifndef EPA_LIB_SASL_LAYER_NEGOTIATION_H_
#define EPA_LIB_SASL_LAYER_NEGOTIATION_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "epa/sasl/mechanism.h"

namespace epa::sasl {

// Of a message; RFC 4752 has 24 bits for it.
inline constexpr uint32_t kMostTold = 0xFFFFFF;
// Beneath it there is no sense in a layer: a peer could demand a message for each octet.
inline constexpr uint32_t kLeastMessage = 4096;
inline constexpr size_t kLongestAuthorizationIdentity = 1024;

struct LayerOffer {
  uint8_t layers = 0;  // bits of Layer; others mean nothing
  uint32_t max_message = 0;
};

constexpr bool Includes(uint8_t layers, Layer layer) {
  return (layers & static_cast<uint8_t>(layer)) != 0;
}

std::array<uint8_t, 4> EncodeLayerOffer(const LayerOffer& offer);
// No value: not four octets.
std::optional<LayerOffer> ParseLayerOffer(std::span<const uint8_t> octets);

struct LayerChoice {
  uint8_t layers = 0;  // as the client sent them: one bit, if it is right
  uint32_t max_message = 0;
  std::string authorization_identity;
};

std::vector<uint8_t> EncodeLayerChoice(const LayerChoice& choice);
// No value: less than four octets, or an authorization identity that is too long, no UTF-8, or has
// a NUL.
std::optional<LayerChoice> ParseLayerChoice(std::span<const uint8_t> octets);

bool IsAuthorizationIdentity(std::string_view text);

}  // namespace epa::sasl

#endif  // EPA_LIB_SASL_LAYER_NEGOTIATION_H_
