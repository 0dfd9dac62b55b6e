// What all readers of SMB2 messages share.
#ifndef EPA_LIB_SMB2_WIRE_H_
#define EPA_LIB_SMB2_WIRE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"

namespace epa::smb2 {

inline constexpr std::array<uint8_t, 4> kSmb2ProtocolId = {0xFE, 'S', 'M', 'B'};       // 2.2.1
inline constexpr std::array<uint8_t, 4> kTransformProtocolId = {0xFD, 'S', 'M', 'B'};  // 2.2.41
inline constexpr std::array<uint8_t, 4> kSmb1ProtocolId = {0xFF, 'S', 'M', 'B'};

// The error of every reader: what is wrong and where in the message.
inline absl::Status MalformedAt(const ByteReader& reader, std::string_view what) {
  return absl::InvalidArgumentError(std::string(what) + " (offset " +
                                    std::to_string(reader.offset()) + ")");
}

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_WIRE_H_
