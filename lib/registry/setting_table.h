// Every value that is read, with the keys below which it stands.
#ifndef EPA_LIB_REGISTRY_SETTING_TABLE_H_
#define EPA_LIB_REGISTRY_SETTING_TABLE_H_

#include <string_view>

#include "absl/status/status.h"
#include "epa/registry/windows_settings.h"
#include "lib/base/status_macros.h"
#include "lib/registry/setting_readers.h"

namespace epa::registry {

inline constexpr std::string_view kLsa =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa)";
inline constexpr std::string_view kMsv =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0)";
inline constexpr std::string_view kNetlogon =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Netlogon\Parameters)";
inline constexpr std::string_view kTelnet =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\TelnetServer\1.0)";
inline constexpr std::string_view kLdap =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\NTDS\Parameters)";
inline constexpr std::string_view kWinRm =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Service)";
inline constexpr std::string_view kSmbServer =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\LanManServer\Parameters)";
inline constexpr std::string_view kSmbClient =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\LanmanWorkstation\Parameters)";
inline constexpr std::string_view kWinRmPolicy =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WinRM\Service)";
inline constexpr std::string_view kSmbServerPolicy =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\LanmanServer)";
inline constexpr std::string_view kSmbClientPolicy =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\LanmanWorkstation)";

// Where a value stands. Settings without a policy of their own have local paths alone: the
// "Security Options" of a group policy write there.
struct Path {
  std::string_view key;
  std::string_view name;
};

inline constexpr Path kNoPolicy;
// Whether the WinRM policy's level counts.
inline constexpr Path kWinRmPolicyStatus = {kWinRmPolicy, "CBTHardeningLevelStatus"};

// Everything that is read, in the order in which it is printed. `visit` is called with the
// policy's path, the local one, the function that reads a value and the setting.
template <typename Settings, typename Visitor>
absl::Status VisitSettings(Settings& s, Visitor visit) {
  using Mode = ExtendedProtectionMode;
  const auto local = [&](const Path& path, auto read, auto& setting) {
    return visit(kNoPolicy, path, read, setting);
  };
  EPA_RETURN_IF_ERROR(
      local({kLsa, "SuppressExtendedProtection"}, ReadSuppression, s.suppress_extended_protection));
  EPA_RETURN_IF_ERROR(local({kLsa, "LmCompatibilityLevel"}, ReadLmLevel, s.lm_compatibility_level));
  EPA_RETURN_IF_ERROR(
      local({kMsv, "NtlmMinClientSec"}, ReadSessionSecurity, s.ntlm_min_client_sec));
  EPA_RETURN_IF_ERROR(
      local({kMsv, "NtlmMinServerSec"}, ReadSessionSecurity, s.ntlm_min_server_sec));
  EPA_RETURN_IF_ERROR(local({kMsv, "RestrictSendingNTLMTraffic"}, ReadLevel<OutgoingNtlm>,
                            s.restrict_sending_ntlm_traffic));
  EPA_RETURN_IF_ERROR(
      local({kMsv, "ClientAllowedNTLMServers"}, ReadList, s.client_allowed_ntlm_servers));
  EPA_RETURN_IF_ERROR(local({kMsv, "RestrictReceivingNTLMTraffic"}, ReadLevel<IncomingNtlm>,
                            s.restrict_receiving_ntlm_traffic));
  EPA_RETURN_IF_ERROR(
      local({kNetlogon, "DCAllowedNTLMServers"}, ReadList, s.dc_allowed_ntlm_servers));
  EPA_RETURN_IF_ERROR(
      local({kTelnet, "ExtendedProtection"}, ReadLevel<Mode>, s.telnet_extended_protection));
  EPA_RETURN_IF_ERROR(
      local({kLdap, "LdapEnforceChannelBinding"}, ReadLevel<Mode>, s.ldap_enforce_channel_binding));
  EPA_RETURN_IF_ERROR(visit({kWinRmPolicy, "CbtHardeningLevel"}, {kWinRm, "cbt_hardening_level"},
                            ReadHardeningLevel, s.winrm_cbt_hardening_level));
  EPA_RETURN_IF_ERROR(local({kSmbServer, "SmbServerNameHardeningLevel"}, ReadLevel<Mode>,
                            s.smb_server_name_hardening_level));
  EPA_RETURN_IF_ERROR(
      local({kSmbServer, "SrvAllowedServerNames"}, ReadList, s.srv_allowed_server_names));
  EPA_RETURN_IF_ERROR(visit({kSmbServerPolicy, "AuditClientSpnSupport"},
                            {kSmbServer, "AuditClientSpnSupport"}, ReadSwitch,
                            s.audit_client_spn_support));
  EPA_RETURN_IF_ERROR(
      local({kSmbServer, "RequireSecuritySignature"}, ReadSwitch, s.server_require_signing));
  EPA_RETURN_IF_ERROR(
      local({kSmbServer, "EnableSecuritySignature"}, ReadSwitch, s.server_enable_signing));
  EPA_RETURN_IF_ERROR(
      local({kSmbClient, "RequireSecuritySignature"}, ReadSwitch, s.client_require_signing));
  EPA_RETURN_IF_ERROR(
      local({kSmbClient, "EnableSecuritySignature"}, ReadSwitch, s.client_enable_signing));
  return visit({kSmbClientPolicy, "AllowInsecureGuestAuth"}, {kSmbClient, "AllowInsecureGuestAuth"},
               ReadSwitch, s.allow_insecure_guest_auth);
}

}  // namespace epa::registry

#endif  // EPA_LIB_REGISTRY_SETTING_TABLE_H_
