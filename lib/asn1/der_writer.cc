#include "lib/asn1/der_writer.h"

namespace epa::asn1 {
namespace {

constexpr size_t kLongForm = 0x80;

void AppendLength(size_t length, std::vector<uint8_t>& out) {
  if (length < kLongForm) {
    out.push_back(static_cast<uint8_t>(length));
    return;
  }
  size_t octets = 1;
  while (length >> (8 * octets) != 0) {
    ++octets;
  }
  out.push_back(static_cast<uint8_t>(kLongForm | octets));
  for (size_t i = octets; i > 0; --i) {
    out.push_back(static_cast<uint8_t>(length >> (8 * (i - 1))));
  }
}

}  // namespace

std::vector<uint8_t> Element(uint8_t tag, std::span<const uint8_t> content) {
  std::vector<uint8_t> out;
  out.reserve(content.size() + 6);
  AppendElement(tag, content, out);
  return out;
}

void AppendElement(uint8_t tag, std::span<const uint8_t> content, std::vector<uint8_t>& out) {
  out.push_back(tag);
  AppendLength(content.size(), out);
  out.insert(out.end(), content.begin(), content.end());
}

}  // namespace epa::asn1
