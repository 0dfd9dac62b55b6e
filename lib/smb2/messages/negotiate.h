// NEGOTIATE ([MS-SMB2] 2.2.3, 2.2.4).
#ifndef EPA_LIB_SMB2_MESSAGES_NEGOTIATE_H_
#define EPA_LIB_SMB2_MESSAGES_NEGOTIATE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/smb2/protocol.h"
#include "lib/smb2/messages/negotiate_contexts.h"

namespace epa::smb2 {

using Guid = std::array<uint8_t, 16>;

// SecurityMode (2.2.3).
inline constexpr uint16_t kSigningEnabled = 0x0001;
inline constexpr uint16_t kSigningRequired = 0x0002;
// Capabilities (2.2.3).
inline constexpr uint32_t kCapabilityLargeMtu = 0x00000004;
inline constexpr uint32_t kCapabilityEncryption = 0x00000040;
// DialectRevision of the answer to an SMB1 NEGOTIATE (2.2.4): the dialect is settled next.
inline constexpr uint16_t kDialectWildcard = 0x02FF;
inline constexpr size_t kMaxDialects = 64;

struct NegotiateRequest {
  uint16_t security_mode = 0;
  uint32_t capabilities = 0;
  Guid client_guid{};
  std::vector<uint16_t> dialects;  // as sent
  // Where the dialects include 3.1.1.
  std::optional<NegotiateContexts> contexts;

  bool Offers(Dialect dialect) const;
};

// All readers take the message from its header on and write only what follows the header.
absl::StatusOr<NegotiateRequest> ParseNegotiateRequest(std::span<const uint8_t> message);
std::vector<uint8_t> WriteNegotiateRequest(const NegotiateRequest& request);

struct NegotiateResponse {
  uint16_t security_mode = 0;
  uint16_t dialect = 0;
  Guid server_guid{};
  uint32_t capabilities = 0;
  uint32_t max_transact_size = 0;
  uint32_t max_read_size = 0;
  uint32_t max_write_size = 0;
  FileTime system_time = 0;
  // The server's first token; a view into the message when read.
  std::span<const uint8_t> token;
  // Where the dialect is 3.1.1.
  std::optional<NegotiateContexts> contexts;
};

absl::StatusOr<NegotiateResponse> ParseNegotiateResponse(std::span<const uint8_t> message);
std::vector<uint8_t> WriteNegotiateResponse(const NegotiateResponse& response);

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_MESSAGES_NEGOTIATE_H_
