// The negotiate contexts of dialect 3.1.1 ([MS-SMB2] 2.2.3.1, 2.2.4.1).
#ifndef EPA_LIB_SMB2_MESSAGES_NEGOTIATE_CONTEXTS_H_
#define EPA_LIB_SMB2_MESSAGES_NEGOTIATE_CONTEXTS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/byte_writer.h"

namespace epa::smb2 {

inline constexpr uint16_t kHashSha512 = 0x0001;  // 2.2.3.1.1
// More than any real peer sends; what is beyond is malformed.
inline constexpr size_t kMaxNegotiateContexts = 16;
inline constexpr size_t kMaxAlgorithms = 32;

// The lists as sent: values may be unknown. An absent list was not sent.
struct NegotiateContexts {
  std::vector<uint16_t> hashes;
  std::vector<uint8_t> salt;
  std::optional<std::vector<uint16_t>> ciphers;
  std::optional<std::vector<uint16_t>> signing_algorithms;
};

// Reads `count` contexts at `offset` of `message`. Unknown ones are passed over. InvalidArgument
// where preauth integrity is missing or empty, a known context occurs twice ([MS-SMB2] 3.3.5.4)
// or a list is empty.
absl::StatusOr<NegotiateContexts> ParseNegotiateContexts(std::span<const uint8_t> message,
                                                         uint32_t offset, uint16_t count);
// Appends the contexts and returns their number. The writer stands at a multiple of eight octets.
uint16_t WriteNegotiateContexts(const NegotiateContexts& contexts, ByteWriter& writer);
// Zeros up to the next multiple of eight octets.
void PadTo8(ByteWriter& writer);

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_MESSAGES_NEGOTIATE_CONTEXTS_H_
