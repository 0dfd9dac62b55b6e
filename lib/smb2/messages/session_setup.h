// SESSION_SETUP ([MS-SMB2] 2.2.5, 2.2.6).
#ifndef EPA_LIB_SMB2_MESSAGES_SESSION_SETUP_H_
#define EPA_LIB_SMB2_MESSAGES_SESSION_SETUP_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::smb2 {

inline constexpr uint8_t kSessionSetupBinding = 0x01;  // 2.2.5: Flags
// 2.2.6: SessionFlags.
inline constexpr uint16_t kSessionIsGuest = 0x0001;
inline constexpr uint16_t kSessionIsNull = 0x0002;
inline constexpr uint16_t kSessionEncryptData = 0x0004;

struct SessionSetupRequest {
  uint8_t flags = 0;
  uint8_t security_mode = 0;
  uint32_t capabilities = 0;
  uint64_t previous_session_id = 0;
  // A view into the message when read.
  std::span<const uint8_t> token;
};

absl::StatusOr<SessionSetupRequest> ParseSessionSetupRequest(std::span<const uint8_t> message);
std::vector<uint8_t> WriteSessionSetupRequest(const SessionSetupRequest& request);

struct SessionSetupResponse {
  uint16_t session_flags = 0;
  // A view into the message when read.
  std::span<const uint8_t> token;
};

absl::StatusOr<SessionSetupResponse> ParseSessionSetupResponse(std::span<const uint8_t> message);
std::vector<uint8_t> WriteSessionSetupResponse(const SessionSetupResponse& response);

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_MESSAGES_SESSION_SETUP_H_
