// What is wrong with a message, and where.
#ifndef EPA_PROVIDERS_NTLM_MESSAGES_MESSAGE_FAULT_H_
#define EPA_PROVIDERS_NTLM_MESSAGES_MESSAGE_FAULT_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace epa::ntlm {

enum class FaultKind : uint8_t {
  kMalformed,
  kDuplicateAvPair,    // an AvId occurs twice
  kMicMissing,         // MsvAvFlags promises a MIC and the payload leaves no room for one
  kSessionKeyMissing,  // a session key is exchanged, and the field has not 16 octets
};

struct MessageFault {
  FaultKind kind;
  size_t offset;     // from the start of what was parsed
  const char* what;  // a literal
};

inline std::optional<MessageFault> Malformed(size_t offset, const char* what) {
  return MessageFault{FaultKind::kMalformed, offset, what};
}

// InvalidArgument, "offset 12: LmChallengeResponse leaves the message".
absl::Status FaultToStatus(const MessageFault& fault);

// Read functions fill `out` as far as the octets allow, so that a decoder can show a broken
// message; Parse functions are the same for callers that want all or nothing.
template <typename Message>
absl::StatusOr<Message> ToStatusOr(const std::optional<MessageFault>& fault, const Message& out) {
  if (fault.has_value()) {
    return FaultToStatus(*fault);
  }
  return out;
}

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_MESSAGES_MESSAGE_FAULT_H_
