// Integers in a stated order of octets, where there is room for them already. Messages are read and
// written by ByteReader and ByteWriter.
#ifndef EPA_LIB_BASE_ENDIAN_H_
#define EPA_LIB_BASE_ENDIAN_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace epa {

// The low out.size() octets of `value`, which are at most 8.
constexpr void PutLittleEndian(uint64_t value, std::span<uint8_t> out) {
  for (uint8_t& octet : out) {
    octet = static_cast<uint8_t>(value);
    value >>= 8;
  }
}

constexpr void PutBigEndian(uint64_t value, std::span<uint8_t> out) {
  for (size_t i = out.size(); i-- > 0;) {
    out[i] = static_cast<uint8_t>(value);
    value >>= 8;
  }
}

// Of at most 8 octets.
constexpr uint64_t GetBigEndian(std::span<const uint8_t> octets) {
  uint64_t value = 0;
  for (const uint8_t octet : octets) {
    value = value << 8 | octet;
  }
  return value;
}

template <std::unsigned_integral T>
constexpr std::array<uint8_t, sizeof(T)> LittleEndian(T value) {
  std::array<uint8_t, sizeof(T)> octets{};
  PutLittleEndian(value, octets);
  return octets;
}

template <std::unsigned_integral T>
constexpr std::array<uint8_t, sizeof(T)> BigEndian(T value) {
  std::array<uint8_t, sizeof(T)> octets{};
  PutBigEndian(value, octets);
  return octets;
}

}  // namespace epa

#endif  // EPA_LIB_BASE_ENDIAN_H_
