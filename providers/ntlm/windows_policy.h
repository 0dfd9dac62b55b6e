// The rules behind Windows' settings that both sides share.
#ifndef EPA_PROVIDERS_NTLM_WINDOWS_POLICY_H_
#define EPA_PROVIDERS_NTLM_WINDOWS_POLICY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace epa::ntlm {

inline constexpr std::string_view kOutgoingSetting = "RestrictSendingNTLMTraffic";
inline constexpr std::string_view kIncomingSetting = "RestrictReceivingNTLMTraffic";

// InvalidArgument for bits that have no meaning here. `setting`: for the message.
absl::Status CheckSessionSecurity(uint32_t minimum, std::string_view setting);
// The NTLMSSP_NEGOTIATE flags that a minimum demands.
uint32_t SessionSecurityFlags(uint32_t minimum);

// Whether one of the patterns is this server's name. An empty name is never listed.
bool IsListedServer(std::span<const std::string> patterns, std::string_view server);

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_WINDOWS_POLICY_H_
