// Appends little-endian integers and octets to a growing buffer.
#ifndef EPA_LIB_BASE_BYTE_WRITER_H_
#define EPA_LIB_BASE_BYTE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/base/endian.h"

namespace epa {

class ByteWriter {
 public:
  ByteWriter() = default;
  // Room for `capacity` octets without another allocation.
  explicit ByteWriter(size_t capacity) { octets_.reserve(capacity); }

  void WriteU8(uint8_t value) { octets_.push_back(value); }
  void WriteU16(uint16_t value) { WriteBytes(LittleEndian(value)); }
  void WriteU32(uint32_t value) { WriteBytes(LittleEndian(value)); }
  void WriteU64(uint64_t value) { WriteBytes(LittleEndian(value)); }
  void WriteBytes(std::span<const uint8_t> octets) {
    octets_.insert(octets_.end(), octets.begin(), octets.end());
  }
  void WriteZeros(size_t count) { octets_.resize(octets_.size() + count); }
  // Overwrites what was written before. `offset` + 4 is within size().
  void PatchU32(size_t offset, uint32_t value) {
    PutLittleEndian(value, std::span(octets_).subspan(offset, 4));
  }

  size_t size() const { return octets_.size(); }
  std::span<const uint8_t> written() const { return octets_; }
  std::vector<uint8_t> Take() && { return std::move(octets_); }

 private:
  std::vector<uint8_t> octets_;
};

}  // namespace epa

#endif  // EPA_LIB_BASE_BYTE_WRITER_H_
