// SMB over TCP, port 445: each message has four octets of length before it ([MS-SMB2] 2.1).
#ifndef EPA_SMB2_FRAMING_H_
#define EPA_SMB2_FRAMING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

#pragma GCC visibility push(default)

namespace epa::smb2 {

inline constexpr size_t kFrameHeaderSize = 4;

// Cuts the octets of a connection into messages. It holds no more than was received and not yet
// taken: at most one message of the greatest size and one piece from the socket. Between messages
// it keeps 4 KiB at most. Used by one owner at a time.
class FrameReader {
 public:
  // Takes octets from the connection, any number of them.
  void Append(std::span<const uint8_t> octets);

  // The next whole message without its length, or no value while it is incomplete. A message
  // longer than `max_size` is InvalidArgument as soon as its length is read, as is a first octet
  // that is not zero: the connection is to be closed. The span may be written to (a connection
  // decrypts in place) and is valid until the next call of Append or Next.
  absl::StatusOr<std::optional<std::span<uint8_t>>> Next(size_t max_size);

  // Octets received and not yet taken.
  size_t buffered() const { return buffer_.size() - taken_; }

 private:
  std::vector<uint8_t> buffer_;
  size_t taken_ = 0;
  // Of the message that is incomplete: its octets and those of its length.
  size_t awaited_ = 0;
};

}  // namespace epa::smb2

#pragma GCC visibility pop

#endif  // EPA_SMB2_FRAMING_H_
