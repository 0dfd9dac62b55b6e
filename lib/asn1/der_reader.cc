#include "lib/asn1/der_reader.h"

#include "lib/base/byte_reader.h"

namespace epa::asn1 {
namespace {

constexpr uint8_t kTagNumberMask = 0x1F;
constexpr uint8_t kLongForm = 0x80;
constexpr size_t kMaxLengthOctets = 4;

bool ReadLength(ByteReader& reader, size_t& out) {
  uint8_t first = 0;
  if (!reader.ReadU8(first)) {
    return false;
  }
  if (first < kLongForm) {
    out = first;
    return true;
  }
  const size_t count = first & ~kLongForm;
  std::span<const uint8_t> octets;
  if (count == 0 || count > kMaxLengthOctets || !reader.ReadSpan(count, octets)) {
    return false;
  }
  out = 0;
  for (const uint8_t octet : octets) {
    out = out << 8 | octet;
  }
  return true;
}

}  // namespace

bool DerReader::ReadHeader(uint8_t& tag, size_t& length) {
  ByteReader reader(octets_);
  if (!reader.ReadU8(tag) || tag == 0 || (tag & kTagNumberMask) == kTagNumberMask ||
      !ReadLength(reader, length)) {
    return false;
  }
  octets_ = reader.rest();
  return true;
}

bool DerReader::Read(DerElement& out) {
  DerReader content(octets_);
  uint8_t tag = 0;
  size_t length = 0;
  if (!content.ReadHeader(tag, length) || length > content.octets_.size()) {
    return false;
  }
  const size_t header = octets_.size() - content.octets_.size();
  out = {tag, content.octets_.first(length), octets_.first(header + length)};
  octets_ = octets_.subspan(header + length);
  return true;
}

bool DerReader::ReadTag(uint8_t tag, std::span<const uint8_t>& content) {
  DerElement element;
  if (PeekTag() != tag || !Read(element)) {
    return false;
  }
  content = element.content;
  return true;
}

bool DerReader::ReadOptionalTag(uint8_t tag, std::optional<std::span<const uint8_t>>& content) {
  content.reset();
  if (PeekTag() != tag) {
    return true;
  }
  std::span<const uint8_t> found;
  if (!ReadTag(tag, found)) {
    return false;
  }
  content = found;
  return true;
}

bool DerReader::ReadField(uint8_t number, uint8_t tag, std::span<const uint8_t>& content) {
  std::span<const uint8_t> wrapped;
  return ReadTag(ContextTag(number), wrapped) && ReadOnlyElement(wrapped, tag, content);
}

bool ReadOnlyElement(std::span<const uint8_t> octets, uint8_t tag,
                     std::span<const uint8_t>& content) {
  DerReader reader(octets);
  return reader.ReadTag(tag, content) && reader.at_end();
}

bool ReadInt32(std::span<const uint8_t> content, int32_t& out) {
  if (content.empty() || content.size() > sizeof(out)) {
    return false;
  }
  uint32_t value = (content.front() & 0x80) != 0 ? ~uint32_t{0} : 0;
  for (const uint8_t octet : content) {
    value = value << 8 | octet;
  }
  out = static_cast<int32_t>(value);
  return true;
}

}  // namespace epa::asn1
