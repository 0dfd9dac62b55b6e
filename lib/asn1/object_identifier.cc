#include "lib/asn1/object_identifier.h"

#include <algorithm>

#include "lib/base/hex.h"

namespace epa::asn1 {

std::string DottedOid(std::span<const uint8_t> content) {
  constexpr uint64_t kLargestArc = uint64_t{1} << 56;
  std::string text;
  uint64_t arc = 0;
  for (const uint8_t octet : content) {
    arc = arc << 7 | (octet & 0x7f);
    if (arc > kLargestArc) {
      return EncodeHex(content);
    }
    if ((octet & 0x80) != 0) {
      continue;
    }
    if (text.empty()) {
      const uint64_t first = std::min<uint64_t>(arc / 40, 2);  // X.690 8.19.4
      text = std::to_string(first) + "." + std::to_string(arc - 40 * first);
    } else {
      text += "." + std::to_string(arc);
    }
    arc = 0;
  }
  return content.empty() || (content.back() & 0x80) != 0 ? EncodeHex(content) : text;
}

}  // namespace epa::asn1
