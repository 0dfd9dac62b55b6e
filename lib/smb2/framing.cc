#include "epa/smb2/framing.h"

#include <algorithm>

#include "absl/status/status.h"

namespace epa::smb2 {
namespace {

// What a reader without any octets keeps of its buffer.
constexpr size_t kKeptWhileIdle = 4096;

}  // namespace

void FrameReader::Append(std::span<const uint8_t> octets) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(taken_));
  taken_ = 0;
  // Grows by doubling, but not beyond the message that is on its way.
  const size_t needed = buffer_.size() + octets.size();
  if (needed > buffer_.capacity()) {
    buffer_.reserve(std::max(needed, std::min(2 * buffer_.capacity(), awaited_)));
  }
  buffer_.insert(buffer_.end(), octets.begin(), octets.end());
}

absl::StatusOr<std::optional<std::span<uint8_t>>> FrameReader::Next(size_t max_size) {
  const std::span<uint8_t> rest = std::span(buffer_).subspan(taken_);
  awaited_ = 0;
  if (rest.empty()) {
    if (buffer_.capacity() > kKeptWhileIdle) {
      std::vector<uint8_t>().swap(buffer_);
      taken_ = 0;
    }
    return std::nullopt;
  }
  // [MS-SMB2] 2.1: one octet of zeros, then three of length, big-endian.
  if (rest[0] != 0) {
    return absl::InvalidArgumentError("the frame's first octet is not zero");
  }
  if (rest.size() < kFrameHeaderSize) {
    return std::nullopt;
  }
  const size_t size = static_cast<size_t>(rest[1]) << 16 | static_cast<size_t>(rest[2]) << 8 |
                      static_cast<size_t>(rest[3]);
  if (size > max_size) {
    return absl::InvalidArgumentError("a frame is longer than what is acceptable");
  }
  if (size > rest.size() - kFrameHeaderSize) {
    awaited_ = kFrameHeaderSize + size;
    return std::nullopt;
  }
  taken_ += kFrameHeaderSize + size;
  return rest.subspan(kFrameHeaderSize, size);
}

}  // namespace epa::smb2
