// Reads DER for people: goes on past a length that leaves the token, and knows where it is.
#ifndef EPA_TOOLS_EPA_DECODE_DER_WALK_H_
#define EPA_TOOLS_EPA_DECODE_DER_WALK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace epa::tool {

struct TokenFault {
  size_t offset = 0;
  std::string reason;
};

struct DerNode {
  uint8_t tag = 0;
  // Cut off where the token ends.
  std::span<const uint8_t> content;
  // Of the identifier and of the content, in the token.
  size_t offset = 0;
  size_t content_offset = 0;
};

// A cursor over the nodes of one level. All walks of one token share `fault`, which keeps the
// first.
class DerWalk {
 public:
  DerWalk(std::span<const uint8_t> octets, size_t offset, std::optional<TokenFault>& fault)
      : octets_(octets), offset_(offset), fault_(fault) {}

  // No value at the end, and after a node that is not DER.
  std::optional<DerNode> Next();
  // No value, and a fault, where the next node is none or has another tag.
  std::optional<DerNode> Expect(uint8_t tag, std::string_view name);
  // The one node within `wrapper`, which has `tag`.
  std::optional<DerNode> Unwrap(const DerNode& wrapper, uint8_t tag, std::string_view name) const;

  DerWalk Into(const DerNode& node) const { return {node.content, node.content_offset, fault_}; }
  void Fail(size_t offset, std::string reason) const;

  size_t offset() const { return offset_; }
  std::span<const uint8_t> rest() const { return octets_; }

 private:
  std::span<const uint8_t> octets_;
  size_t offset_;
  std::optional<TokenFault>& fault_;
};

// An INTEGER or ENUMERATED; no value where it does not fit.
std::optional<int64_t> IntegerOf(std::span<const uint8_t> content);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_DER_WALK_H_
