// CHALLENGE_MESSAGE ([MS-NLMP] 2.2.1.2).
#ifndef EPA_PROVIDERS_NTLM_MESSAGES_CHALLENGE_MESSAGE_H_
#define EPA_PROVIDERS_NTLM_MESSAGES_CHALLENGE_MESSAGE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "providers/ntlm/messages/av_pairs.h"
#include "providers/ntlm/messages/message_fault.h"
#include "providers/ntlm/messages/message_header.h"

namespace epa::ntlm {

struct ChallengeMessage {
  uint32_t flags = 0;
  std::array<uint8_t, 8> server_challenge{};
  // Views. The name's text is not checked: nothing depends on it, and servers get it wrong.
  std::span<const uint8_t> target_name;
  std::span<const uint8_t> target_info;
  std::optional<Version> version;
  // The pairs of `target_info`. The writer does not look at them.
  AvPairs av_pairs;
};

// Accepts the old forms without target information (32 octets) and without a version (48).
[[nodiscard]] std::optional<MessageFault> ReadChallengeMessage(std::span<const uint8_t> octets,
                                                               ChallengeMessage& out);
absl::StatusOr<ChallengeMessage> ParseChallengeMessage(std::span<const uint8_t> octets);

// 56 octets of header, the name, the target information as given. One allocation. Fails when
// either is longer than 65535 octets.
absl::StatusOr<std::vector<uint8_t>> WriteChallengeMessage(const ChallengeMessage& message);

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_MESSAGES_CHALLENGE_MESSAGE_H_
