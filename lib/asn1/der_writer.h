// Writes DER into room made for it: the sizes inside are known before a header is written.
#ifndef EPA_LIB_ASN1_DER_WRITER_H_
#define EPA_LIB_ASN1_DER_WRITER_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace epa::asn1 {

// How many octets follow the first of a length; none where the first says it all (X.690 8.1.3).
constexpr size_t LengthOctets(size_t length) {
  return length < 0x80 ? 0 : static_cast<size_t>(std::bit_width(length) + 7) / 8;
}

// Octets of an element whose content has `content_size` octets.
constexpr size_t ElementSize(size_t content_size) {
  return 2 + LengthOctets(content_size) + content_size;
}

// A cursor over octets it does not own. Ends the process rather than write beyond them: who made
// the room and who fills it disagree. Inline: a token is written a few octets at a time.
class DerWriter {
 public:
  explicit DerWriter(std::span<uint8_t> room) : room_(room) {}

  // Identifier and shortest length of an element; its content is to follow.
  void Header(uint8_t tag, size_t content_size) {
    const size_t octets = LengthOctets(content_size);
    const auto header = Take(2 + octets);
    header[0] = tag;
    header[1] = static_cast<uint8_t>(octets == 0 ? content_size : 0x80 | octets);
    for (size_t i = 0; i < octets; ++i) {
      header[2 + i] = static_cast<uint8_t>(content_size >> (8 * (octets - 1 - i)));
    }
  }

  // What is DER already.
  void Encoded(std::span<const uint8_t> octets) {
    std::copy(octets.begin(), octets.end(), Take(octets.size()).begin());
  }

  void Element(uint8_t tag, std::span<const uint8_t> content) {
    Header(tag, content.size());
    Encoded(content);
  }

 private:
  std::span<uint8_t> Take(size_t size) {
    if (size > room_.size()) {
      std::abort();
    }
    const auto taken = room_.first(size);
    room_ = room_.subspan(size);
    return taken;
  }

  std::span<uint8_t> room_;
};

// One element: identifier, shortest length, content.
std::vector<uint8_t> Element(uint8_t tag, std::span<const uint8_t> content);

}  // namespace epa::asn1

#endif  // EPA_LIB_ASN1_DER_WRITER_H_
