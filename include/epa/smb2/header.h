// The header of every SMB2 message ([MS-SMB2] 2.2.1), read and written.
#ifndef EPA_SMB2_HEADER_H_
#define EPA_SMB2_HEADER_H_

#include <array>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "epa/smb2/protocol.h"

#pragma GCC visibility push(default)

namespace epa::smb2 {

// Both forms: 2.2.1.2 (synchronous) and, with kFlagAsync, 2.2.1.1.
struct Header {
  bool is_response() const { return (flags & kFlagResponse) != 0; }
  bool is_signed() const { return (flags & kFlagSigned) != 0; }
  bool is_related() const { return (flags & kFlagRelated) != 0; }
  bool is_async() const { return (flags & kFlagAsync) != 0; }

  uint16_t credit_charge = 0;
  // Of a response. A request has its channel sequence here, or nothing.
  NtStatus status = kStatusSuccess;
  // May be a value that Command does not name.
  Command command = Command::kNegotiate;
  // Credits asked for, or granted.
  uint16_t credits = 0;
  uint32_t flags = 0;
  // From this header to the next one of a compound; 0 in the last.
  uint32_t next_command = 0;
  uint64_t message_id = 0;
  // Synchronous: the tree; meaningless with kFlagAsync.
  uint32_t tree_id = 0;
  // With kFlagAsync only.
  uint64_t async_id = 0;
  uint64_t session_id = 0;
  std::array<uint8_t, kSignatureSize> signature{};
};

// Reads the header at the front of `message`. InvalidArgument, with the offset, for a message that
// is too short, another protocol id and a structure size that is not 64. `next_command` is as
// sent: the caller checks it against what follows.
absl::StatusOr<Header> ParseHeader(std::span<const uint8_t> message);
void WriteHeader(const Header& header, std::span<uint8_t, kHeaderSize> out);

}  // namespace epa::smb2

#pragma GCC visibility pop

#endif  // EPA_SMB2_HEADER_H_
