#include "lib/base/byte_writer.h"

namespace epa {

void ByteWriter::WriteBytes(std::span<const uint8_t> octets) {
  octets_.insert(octets_.end(), octets.begin(), octets.end());
}

void ByteWriter::PatchU32(size_t offset, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) {
    octets_[offset + i] = static_cast<uint8_t>(value >> (8 * i));
  }
}

void ByteWriter::WriteLittleEndian(uint64_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    octets_.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
}

}  // namespace epa
