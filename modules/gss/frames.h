// The frames that GSS-API lays around what mechanisms export. Headers alone: the small libraries
// have no others.
#ifndef EPA_MODULES_GSS_FRAMES_H_
#define EPA_MODULES_GSS_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "lib/base/byte_reader.h"

namespace epa::gss {

using Octets = std::span<const uint8_t>;

// In the order of the network.
[[nodiscard]] inline bool ReadNumber(ByteReader& reader, size_t size, size_t& out) {
  Octets octets;
  if (!reader.ReadSpan(size, octets)) {
    return false;
  }
  out = 0;
  for (const uint8_t octet : octets) {
    out = out << 8 | octet;
  }
  return true;
}

[[nodiscard]] inline bool ReadCounted(ByteReader& reader, size_t count_size, Octets& out) {
  size_t count = 0;
  return ReadNumber(reader, count_size, count) && reader.ReadSpan(count, out);
}

// Of an exported context, or (`counted` again) credential: the mechanism's identifier stands before
// what the mechanism itself exported.
[[nodiscard]] inline bool ReadFrame(bool counted, Octets token, Octets& body) {
  ByteReader reader(token);
  Octets mech;
  if (!ReadCounted(reader, 4, mech)) {
    return false;
  }
  if (counted) {
    return ReadCounted(reader, 4, body) && reader.at_end();
  }
  body = reader.rest();
  return true;
}

// RFC 2743 3.2: the name within an exported one.
[[nodiscard]] inline bool ReadExportedName(Octets exported, Octets& name) {
  constexpr uint8_t kTokenId[] = {4, 1};
  ByteReader reader(exported);
  Octets mech;
  return reader.Match(kTokenId) && ReadCounted(reader, 2, mech) && ReadCounted(reader, 4, name) &&
         reader.at_end();
}

}  // namespace epa::gss

#endif  // EPA_MODULES_GSS_FRAMES_H_
