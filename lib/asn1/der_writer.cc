#include "lib/asn1/der_writer.h"

namespace epa::asn1 {
namespace {

constexpr size_t kLongForm = 0x80;

// How many octets follow the first of a long length; none where the first says it all.
size_t LengthOctets(size_t length) {
  size_t octets = 0;
  if (length >= kLongForm) {
    for (; length != 0; length >>= 8) {
      ++octets;
    }
  }
  return octets;
}

}  // namespace

size_t ElementSize(size_t content_size) { return 2 + LengthOctets(content_size) + content_size; }

void AppendHeader(uint8_t tag, size_t content_size, std::vector<uint8_t>& out) {
  out.push_back(tag);
  const size_t octets = LengthOctets(content_size);
  if (octets == 0) {
    out.push_back(static_cast<uint8_t>(content_size));
    return;
  }
  out.push_back(static_cast<uint8_t>(kLongForm | octets));
  for (size_t i = octets; i > 0; --i) {
    out.push_back(static_cast<uint8_t>(content_size >> (8 * (i - 1))));
  }
}

std::vector<uint8_t> Element(uint8_t tag, std::span<const uint8_t> content) {
  std::vector<uint8_t> out;
  out.reserve(ElementSize(content.size()));
  AppendElement(tag, content, out);
  return out;
}

void AppendElement(uint8_t tag, std::span<const uint8_t> content, std::vector<uint8_t>& out) {
  AppendHeader(tag, content.size(), out);
  out.insert(out.end(), content.begin(), content.end());
}

}  // namespace epa::asn1
