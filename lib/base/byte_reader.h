// The one reader of hostile octets.
#ifndef EPA_LIB_BASE_BYTE_READER_H_
#define EPA_LIB_BASE_BYTE_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace epa {

// A bounded cursor over octets it does not own. A failed read leaves the cursor where it was.
// Integers are little-endian, as in every protocol here but DER.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> octets) : octets_(octets) {}

  [[nodiscard]] bool ReadU8(uint8_t& out);
  [[nodiscard]] bool ReadU16(uint16_t& out);
  [[nodiscard]] bool ReadU32(uint32_t& out);
  [[nodiscard]] bool ReadU64(uint64_t& out);
  [[nodiscard]] bool ReadSpan(size_t size, std::span<const uint8_t>& out);
  template <size_t N>
  [[nodiscard]] bool ReadArray(std::span<uint8_t, N> out) {
    return ReadInto(out);
  }
  // True and past it when the next octets are `expected`.
  [[nodiscard]] bool Match(std::span<const uint8_t> expected);
  [[nodiscard]] bool Skip(size_t size);

  // A part of the whole input, wherever the cursor is. 64-bit sum: offset + size cannot wrap.
  [[nodiscard]] bool SpanAt(uint64_t offset, uint64_t size, std::span<const uint8_t>& out) const;

  size_t offset() const { return offset_; }
  size_t remaining() const { return octets_.size() - offset_; }
  bool at_end() const { return remaining() == 0; }
  std::span<const uint8_t> rest() const { return octets_.subspan(offset_); }

 private:
  [[nodiscard]] bool ReadInto(std::span<uint8_t> out);
  [[nodiscard]] bool ReadLittleEndian(size_t size, uint64_t& out);

  std::span<const uint8_t> octets_;
  size_t offset_ = 0;
};

}  // namespace epa

#endif  // EPA_LIB_BASE_BYTE_READER_H_
