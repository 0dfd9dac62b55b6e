// The one reader of hostile octets.
#ifndef EPA_LIB_BASE_BYTE_READER_H_
#define EPA_LIB_BASE_BYTE_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace epa {

// A bounded cursor over octets it does not own. A failed read leaves the cursor where it was.
// Integers are little-endian, as in every protocol here but DER. Inline: every message is read
// through it, a few octets at a time.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> octets) : octets_(octets) {}

  [[nodiscard]] bool ReadU8(uint8_t& out) { return ReadLittleEndian(out); }
  [[nodiscard]] bool ReadU16(uint16_t& out) { return ReadLittleEndian(out); }
  [[nodiscard]] bool ReadU32(uint32_t& out) { return ReadLittleEndian(out); }
  [[nodiscard]] bool ReadU64(uint64_t& out) { return ReadLittleEndian(out); }

  [[nodiscard]] bool ReadSpan(size_t size, std::span<const uint8_t>& out) {
    if (size > remaining()) {
      return false;
    }
    out = octets_.subspan(offset_, size);
    offset_ += size;
    return true;
  }

  template <size_t N>
  [[nodiscard]] bool ReadArray(std::span<uint8_t, N> out) {
    std::span<const uint8_t> in;
    if (!ReadSpan(out.size(), in)) {
      return false;
    }
    std::copy(in.begin(), in.end(), out.begin());
    return true;
  }

  // True and past it when the next octets are `expected`.
  [[nodiscard]] bool Match(std::span<const uint8_t> expected) {
    if (expected.size() > remaining() ||
        !std::equal(expected.begin(), expected.end(), rest().begin())) {
      return false;
    }
    offset_ += expected.size();
    return true;
  }

  [[nodiscard]] bool Skip(size_t size) {
    std::span<const uint8_t> ignored;
    return ReadSpan(size, ignored);
  }

  // A part of the whole input, wherever the cursor is. Offset + size cannot wrap.
  [[nodiscard]] bool SpanAt(uint64_t offset, uint64_t size, std::span<const uint8_t>& out) const {
    if (offset > octets_.size() || size > octets_.size() - offset) {
      return false;
    }
    out = octets_.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
    return true;
  }

  size_t offset() const { return offset_; }
  size_t remaining() const { return octets_.size() - offset_; }
  bool at_end() const { return remaining() == 0; }
  std::span<const uint8_t> rest() const { return octets_.subspan(offset_); }

 private:
  template <typename Integer>
  [[nodiscard]] bool ReadLittleEndian(Integer& out) {
    std::span<const uint8_t> in;
    if (!ReadSpan(sizeof(Integer), in)) {
      return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(Integer); ++i) {
      value |= static_cast<uint64_t>(in[i]) << (8 * i);
    }
    out = static_cast<Integer>(value);
    return true;
  }

  std::span<const uint8_t> octets_;
  size_t offset_ = 0;
};

}  // namespace epa

#endif  // EPA_LIB_BASE_BYTE_READER_H_
