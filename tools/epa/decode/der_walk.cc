#include "tools/epa/decode/der_walk.h"

#include <algorithm>

#include "lib/asn1/der_reader.h"
#include "lib/base/hex.h"

namespace epa::tool {

std::optional<DerNode> DerWalk::Next() {
  if (octets_.empty()) {
    return std::nullopt;
  }
  asn1::DerReader reader(octets_);
  DerNode node;
  size_t length = 0;
  if (!reader.ReadHeader(node.tag, length)) {
    Fail(offset_, "tag or length is not DER");
    octets_ = {};
    return std::nullopt;
  }
  const std::span<const uint8_t> rest = reader.rest();
  const size_t header = octets_.size() - rest.size();
  if (length > rest.size()) {
    Fail(offset_, "the length leaves the token");
  }
  const size_t present = std::min(length, rest.size());
  node.content = rest.first(present);
  node.offset = offset_;
  node.content_offset = offset_ + header;
  octets_ = rest.subspan(present);
  offset_ = node.content_offset + present;
  return node;
}

std::optional<DerNode> DerWalk::Expect(uint8_t tag, std::string_view name) {
  const size_t at = offset_;
  std::optional<DerNode> node = Next();
  if (!node.has_value()) {
    Fail(at, std::string(name) + " is missing");
  } else if (node->tag != tag) {
    Fail(at, std::string(name) + " has the wrong type");
    node.reset();
  }
  return node;
}

std::optional<DerNode> DerWalk::Unwrap(const DerNode& wrapper, uint8_t tag,
                                       std::string_view name) const {
  DerWalk inside = Into(wrapper);
  const std::optional<DerNode> node = inside.Expect(tag, name);
  if (!inside.rest().empty()) {
    Fail(inside.offset(), "octets after " + std::string(name));
  }
  return node;
}

void DerWalk::Fail(size_t offset, std::string reason) const {
  if (!fault_.has_value()) {
    fault_ = {offset, std::move(reason)};
  }
}

std::optional<int64_t> IntegerOf(std::span<const uint8_t> content) {
  if (content.empty() || content.size() > sizeof(int64_t)) {
    return std::nullopt;
  }
  uint64_t value = (content.front() & 0x80) != 0 ? ~uint64_t{0} : 0;
  for (const uint8_t octet : content) {
    value = value << 8 | octet;
  }
  return static_cast<int64_t>(value);
}

}  // namespace epa::tool
