// The messages that say nothing but what they are: LOGOFF and ECHO, and the ERROR Response
// ([MS-SMB2] 2.2.2, 2.2.7, 2.2.8, 2.2.28, 2.2.29). What follows the header.
#ifndef EPA_LIB_SMB2_MESSAGES_SHORT_MESSAGES_H_
#define EPA_LIB_SMB2_MESSAGES_SHORT_MESSAGES_H_

#include <array>
#include <cstdint>
#include <span>

#include "lib/base/byte_reader.h"

namespace epa::smb2 {

// LOGOFF and ECHO, requests and responses alike: StructureSize 4, two reserved octets.
inline constexpr std::array<uint8_t, 4> kShortBody = {4, 0, 0, 0};
// Whether a request's body is one, whatever is in the reserved octets and behind.
inline bool IsShortBody(std::span<const uint8_t> body) {
  ByteReader reader(body);
  uint16_t structure_size = 0;
  return reader.ReadU16(structure_size) && structure_size == kShortBody.size() && reader.Skip(2);
}
// StructureSize 9, no context, no data but one octet.
inline constexpr std::array<uint8_t, 9> kErrorBody = {9, 0, 0, 0, 0, 0, 0, 0, 0};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_MESSAGES_SHORT_MESSAGES_H_
