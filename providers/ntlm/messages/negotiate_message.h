// NEGOTIATE_MESSAGE ([MS-NLMP] 2.2.1.1).
#ifndef EPA_PROVIDERS_NTLM_MESSAGES_NEGOTIATE_MESSAGE_H_
#define EPA_PROVIDERS_NTLM_MESSAGES_NEGOTIATE_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "providers/ntlm/messages/message_fault.h"
#include "providers/ntlm/messages/message_header.h"

namespace epa::ntlm {

// The names are views, always in the OEM code page, and empty unless their flag is set.
struct NegotiateMessage {
  uint32_t flags = 0;
  std::span<const uint8_t> domain;
  std::span<const uint8_t> workstation;
  std::optional<Version> version;
};

// Accepts the short forms: 16 octets without names, 32 without a version.
[[nodiscard]] std::optional<MessageFault> ReadNegotiateMessage(std::span<const uint8_t> octets,
                                                               NegotiateMessage& out);
absl::StatusOr<NegotiateMessage> ParseNegotiateMessage(std::span<const uint8_t> octets);

// Names are written when given, and their flags with them; a version likewise, else 8 zero octets
// are. Fails when a name is longer than 65535 octets.
absl::StatusOr<std::vector<uint8_t>> WriteNegotiateMessage(const NegotiateMessage& message);

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_MESSAGES_NEGOTIATE_MESSAGE_H_
