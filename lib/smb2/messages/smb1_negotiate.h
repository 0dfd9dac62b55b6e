// The SMB1 NEGOTIATE with which a client asks whether SMB 2 is spoken ([MS-SMB2] 3.3.5.3).
#ifndef EPA_LIB_SMB2_MESSAGES_SMB1_NEGOTIATE_H_
#define EPA_LIB_SMB2_MESSAGES_SMB1_NEGOTIATE_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"

namespace epa::smb2 {

struct Smb1Negotiate {
  bool offers_2_0_2 = false;     // "SMB 2.002"
  bool offers_wildcard = false;  // "SMB 2.???"
};

// True for a message that begins with SMB1's protocol id.
bool IsSmb1(std::span<const uint8_t> message);
// InvalidArgument for another command and for a message that is cut short.
absl::StatusOr<Smb1Negotiate> ParseSmb1Negotiate(std::span<const uint8_t> message);

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_MESSAGES_SMB1_NEGOTIATE_H_
