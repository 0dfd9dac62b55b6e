// Frames on their way out: header, body, protection and length in one buffer.
#ifndef EPA_LIB_SMB2_OUTGOING_H_
#define EPA_LIB_SMB2_OUTGOING_H_

#include <cstdint>
#include <span>
#include <vector>

#include "epa/smb2/header.h"
#include "lib/smb2/session_security.h"

namespace epa::smb2 {

enum class Protection : uint8_t { kNone, kSign, kEncrypt };

// Appends a frame to `out` and returns the message in it (header and body, or what became of them
// by encryption); the span is valid until `out` changes. `security` may be null for kNone.
// kFlagSigned is set here.
std::span<const uint8_t> AppendFrame(Header header, std::span<const uint8_t> body,
                                     Protection protection, SessionSecurity* security,
                                     std::vector<uint8_t>& out);

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_OUTGOING_H_
