// The one reader of DER (X.690 10): definite lengths, low tag numbers, nothing else. A length may
// take up to 4 octets where fewer would do: nothing authenticates the framing read here, and peers
// send such (X.690 8.1.3.5).
#ifndef EPA_LIB_ASN1_DER_READER_H_
#define EPA_LIB_ASN1_DER_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace epa::asn1 {

// Identifier octets. Tag numbers over 30 do not occur in any message here and are refused.
inline constexpr uint8_t kInteger = 0x02;
inline constexpr uint8_t kBitString = 0x03;
inline constexpr uint8_t kOctetString = 0x04;
inline constexpr uint8_t kObjectIdentifier = 0x06;
inline constexpr uint8_t kEnumerated = 0x0A;
inline constexpr uint8_t kGeneralString = 0x1B;
inline constexpr uint8_t kSequence = 0x30;
constexpr uint8_t ContextTag(uint8_t number) { return static_cast<uint8_t>(0xA0 | number); }
constexpr uint8_t ApplicationTag(uint8_t number) { return static_cast<uint8_t>(0x60 | number); }

struct DerElement {
  uint8_t tag = 0;
  std::span<const uint8_t> content;
  // Identifier and length octets too.
  std::span<const uint8_t> encoded;
};

// A cursor over the elements of one level. A nested element is read by a reader over its content,
// so depth is what the caller writes down and no input can make it more. A failed read leaves the
// cursor where it was.
class DerReader {
 public:
  explicit DerReader(std::span<const uint8_t> octets) : octets_(octets) {}

  [[nodiscard]] bool Read(DerElement& out);
  // Identifier and length alone; the content, of which less may be there, is next.
  [[nodiscard]] bool ReadHeader(uint8_t& tag, size_t& length);
  // Fails when the next element has another tag.
  [[nodiscard]] bool ReadTag(uint8_t tag, std::span<const uint8_t>& content);
  // No value in `content` when the next element has another tag or there is none; fails only on
  // what is not DER.
  [[nodiscard]] bool ReadOptionalTag(uint8_t tag, std::optional<std::span<const uint8_t>>& content);

  // The content of the context element `number`, which is one element of `tag` (explicit tagging).
  [[nodiscard]] bool ReadField(uint8_t number, uint8_t tag, std::span<const uint8_t>& content);

  // The next element's tag; 0, which DER does not use, at the end.
  uint8_t PeekTag() const { return octets_.empty() ? uint8_t{0} : octets_.front(); }
  bool at_end() const { return octets_.empty(); }
  std::span<const uint8_t> rest() const { return octets_; }

 private:
  std::span<const uint8_t> octets_;
};

// The content of the one element `octets` consist of, which has `tag`.
[[nodiscard]] bool ReadOnlyElement(std::span<const uint8_t> octets, uint8_t tag,
                                   std::span<const uint8_t>& content);

// An INTEGER's content (X.690 8.3). Fails where it does not fit.
[[nodiscard]] bool ReadInt32(std::span<const uint8_t> content, int32_t& out);

}  // namespace epa::asn1

#endif  // EPA_LIB_ASN1_DER_READER_H_
