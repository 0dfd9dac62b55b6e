#include "lib/base/byte_reader.h"

#include <algorithm>

namespace epa {

bool ByteReader::ReadSpan(size_t size, std::span<const uint8_t>& out) {
  if (size > remaining()) {
    return false;
  }
  out = octets_.subspan(offset_, size);
  offset_ += size;
  return true;
}

bool ByteReader::ReadInto(std::span<uint8_t> out) {
  std::span<const uint8_t> in;
  if (!ReadSpan(out.size(), in)) {
    return false;
  }
  std::copy(in.begin(), in.end(), out.begin());
  return true;
}

bool ByteReader::ReadLittleEndian(size_t size, uint64_t& out) {
  std::span<const uint8_t> in;
  if (!ReadSpan(size, in)) {
    return false;
  }
  out = 0;
  for (size_t i = 0; i < in.size(); ++i) {
    out |= static_cast<uint64_t>(in[i]) << (8 * i);
  }
  return true;
}

bool ByteReader::ReadU8(uint8_t& out) {
  uint64_t value = 0;
  if (!ReadLittleEndian(1, value)) {
    return false;
  }
  out = static_cast<uint8_t>(value);
  return true;
}

bool ByteReader::ReadU16(uint16_t& out) {
  uint64_t value = 0;
  if (!ReadLittleEndian(2, value)) {
    return false;
  }
  out = static_cast<uint16_t>(value);
  return true;
}

bool ByteReader::ReadU32(uint32_t& out) {
  uint64_t value = 0;
  if (!ReadLittleEndian(4, value)) {
    return false;
  }
  out = static_cast<uint32_t>(value);
  return true;
}

bool ByteReader::ReadU64(uint64_t& out) { return ReadLittleEndian(8, out); }

bool ByteReader::Match(std::span<const uint8_t> expected) {
  if (expected.size() > remaining() ||
      !std::equal(expected.begin(), expected.end(), rest().begin())) {
    return false;
  }
  offset_ += expected.size();
  return true;
}

bool ByteReader::Skip(size_t size) {
  std::span<const uint8_t> ignored;
  return ReadSpan(size, ignored);
}

bool ByteReader::SpanAt(uint64_t offset, uint64_t size, std::span<const uint8_t>& out) const {
  if (offset > octets_.size() || size > octets_.size() - offset) {
    return false;
  }
  out = octets_.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
  return true;
}

}  // namespace epa
