// FSCTL_VALIDATE_NEGOTIATE_INFO inside IOCTL ([MS-SMB2] 2.2.31, 2.2.31.4, 2.2.32, 2.2.32.6): under
// the session's signature both sides say again what they negotiated.
#ifndef EPA_LIB_SMB2_MESSAGES_VALIDATE_NEGOTIATE_H_
#define EPA_LIB_SMB2_MESSAGES_VALIDATE_NEGOTIATE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/smb2/messages/negotiate.h"

namespace epa::smb2 {

// What the client says it sent in its NEGOTIATE.
struct ValidateNegotiateRequest {
  uint32_t capabilities = 0;
  Guid client_guid{};
  uint16_t security_mode = 0;
  std::vector<uint16_t> dialects;

  friend bool operator==(const ValidateNegotiateRequest&,
                         const ValidateNegotiateRequest&) = default;
};

// What the server says it answered.
struct ValidateNegotiateResponse {
  uint32_t capabilities = 0;
  Guid server_guid{};
  uint16_t security_mode = 0;
  uint16_t dialect = 0;

  friend bool operator==(const ValidateNegotiateResponse&,
                         const ValidateNegotiateResponse&) = default;
};

// The control code of an IOCTL request; no value where the message is cut short.
std::optional<uint32_t> IoctlCode(std::span<const uint8_t> message);
inline constexpr uint32_t kFsctlValidateNegotiateInfo = 0x00140204;  // 2.2.31

absl::StatusOr<ValidateNegotiateRequest> ParseValidateNegotiateRequest(
    std::span<const uint8_t> message);
std::vector<uint8_t> WriteValidateNegotiateRequest(const ValidateNegotiateRequest& request);

absl::StatusOr<ValidateNegotiateResponse> ParseValidateNegotiateResponse(
    std::span<const uint8_t> message);
std::vector<uint8_t> WriteValidateNegotiateResponse(const ValidateNegotiateResponse& response);

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_MESSAGES_VALIDATE_NEGOTIATE_H_
