#include "lib/asn1/der_writer.h"

namespace epa::asn1 {

std::vector<uint8_t> Element(uint8_t tag, std::span<const uint8_t> content) {
  std::vector<uint8_t> out(ElementSize(content.size()));
  DerWriter(out).Element(tag, content);
  return out;
}

}  // namespace epa::asn1
