#include "lib/sasl/layer_negotiation.h"

#include "lib/base/byte_reader.h"
#include "lib/base/endian.h"
#include "lib/base/utf16.h"

namespace epa::sasl {
namespace {

constexpr size_t kOfferSize = 4;

bool ReadOffer(ByteReader& reader, LayerOffer& out) {
  std::array<uint8_t, kOfferSize - 1> size{};
  if (!reader.ReadU8(out.layers) || !reader.ReadArray(std::span(size))) {
    return false;
  }
  out.max_message = static_cast<uint32_t>(GetBigEndian(size));
  return true;
}

}  // namespace

std::array<uint8_t, 4> EncodeLayerOffer(const LayerOffer& offer) {
  return BigEndian(
      static_cast<uint32_t>(uint32_t{offer.layers} << 24 | (offer.max_message & kMostTold)));
}

std::optional<LayerOffer> ParseLayerOffer(std::span<const uint8_t> octets) {
  ByteReader reader(octets);
  LayerOffer offer;
  if (!ReadOffer(reader, offer) || !reader.at_end()) {
    return std::nullopt;
  }
  return offer;
}

std::vector<uint8_t> EncodeLayerChoice(const LayerChoice& choice) {
  const auto head = EncodeLayerOffer({choice.layers, choice.max_message});
  std::vector<uint8_t> octets(head.begin(), head.end());
  octets.insert(octets.end(), choice.authorization_identity.begin(),
                choice.authorization_identity.end());
  return octets;
}

std::optional<LayerChoice> ParseLayerChoice(std::span<const uint8_t> octets) {
  ByteReader reader(octets);
  LayerOffer head;
  if (!ReadOffer(reader, head)) {
    return std::nullopt;
  }
  const auto rest = reader.rest();
  LayerChoice choice = {head.layers, head.max_message, std::string(rest.begin(), rest.end())};
  if (!IsAuthorizationIdentity(choice.authorization_identity)) {
    return std::nullopt;
  }
  return choice;
}

bool IsAuthorizationIdentity(std::string_view text) {
  return text.size() <= kLongestAuthorizationIdentity &&
         text.find('\0') == std::string_view::npos && IsValidUtf8(text);
}

}  // namespace epa::sasl
