#include "epa/defaults/windows_settings.h"

#include <string>
#include <vector>

namespace epa {
namespace {

using registry::CbtHardeningLevel;
using registry::IncomingNtlm;
using registry::OutgoingNtlm;
using registry::Setting;
using registry::WindowsSettings;

template <typename Value, typename Target>
void ApplyIfSet(const Setting<Value>& setting, Target& target) {
  if (setting.is_set()) {
    target = setting.value;
  }
}

// The bits that demand something: the older ones left it to the application what a session does.
void ApplySessionSecurity(const Setting<uint32_t>& setting, uint32_t& target) {
  if (setting.is_set()) {
    target = setting.value & (ntlm::kRequireSessionSecurity | ntlm::kRequire128BitKeys);
  }
}

ntlm::OutgoingTraffic OutgoingOf(OutgoingNtlm value) {
  switch (value) {
    case OutgoingNtlm::kAllow:
      return ntlm::OutgoingTraffic::kAllow;
    case OutgoingNtlm::kAudit:
      return ntlm::OutgoingTraffic::kAudit;
    case OutgoingNtlm::kDeny:
      return ntlm::OutgoingTraffic::kDeny;
  }
  return ntlm::OutgoingTraffic::kDeny;
}

ntlm::IncomingTraffic IncomingOf(IncomingNtlm value) {
  switch (value) {
    case IncomingNtlm::kAllow:
      return ntlm::IncomingTraffic::kAllow;
    case IncomingNtlm::kDenyDomainAccounts:
      return ntlm::IncomingTraffic::kDenyDomainAccounts;
    case IncomingNtlm::kDeny:
      return ntlm::IncomingTraffic::kDenyAll;
  }
  return ntlm::IncomingTraffic::kDenyAll;
}

// [MS-WSMV] 2.2.4.34: Relaxed compares what is sent, Strict demands it.
ExtendedProtectionMode ModeOf(CbtHardeningLevel level) {
  switch (level) {
    case CbtHardeningLevel::kNone:
      return ExtendedProtectionMode::kLegacy;
    case CbtHardeningLevel::kRelaxed:
      return ExtendedProtectionMode::kAllow;
    case CbtHardeningLevel::kStrict:
      return ExtendedProtectionMode::kRequire;
  }
  return ExtendedProtectionMode::kRequire;
}

void AddAllowedServerNames(const WindowsSettings& settings, smb2::ServerNames& names) {
  for (const std::string& item : settings.srv_allowed_server_names.value) {
    for (std::string& name : smb2::SplitAllowedServerNames(item)) {
      names.configured_names.push_back(std::move(name));
    }
  }
}

}  // namespace

void ApplyWindowsSettings(const WindowsSettings& settings, ntlm::InitiatorOptions& options) {
  ntlm::ClientPolicy& policy = options.policy;
  ApplyIfSet(settings.suppress_extended_protection, policy.suppress_extended_protection);
  ApplyIfSet(settings.lm_compatibility_level, policy.lm_compatibility_level);
  ApplySessionSecurity(settings.ntlm_min_client_sec, policy.minimum_session_security);
  ApplyIfSet(settings.client_allowed_ntlm_servers, policy.unrestricted_servers);
  if (settings.restrict_sending_ntlm_traffic.is_set()) {
    policy.outgoing = OutgoingOf(settings.restrict_sending_ntlm_traffic.value);
  }
}

void ApplyWindowsSettings(const WindowsSettings& settings, kerberos::InitiatorOptions& options) {
  ApplyIfSet(settings.suppress_extended_protection, options.policy.suppress_extended_protection);
}

void ApplyWindowsSettings(const WindowsSettings& settings, ClientPackages& packages) {
  if (packages.ntlm.has_value()) {
    ApplyWindowsSettings(settings, *packages.ntlm);
  }
  if (packages.kerberos.has_value()) {
    ApplyWindowsSettings(settings, *packages.kerberos);
  }
}

void ApplyWindowsSettings(const WindowsSettings& settings, ntlm::AcceptorOptions& options) {
  ApplySessionSecurity(settings.ntlm_min_server_sec, options.minimum_session_security);
  ApplyIfSet(settings.dc_allowed_ntlm_servers, options.unrestricted_servers);
  if (settings.restrict_receiving_ntlm_traffic.is_set()) {
    options.incoming = IncomingOf(settings.restrict_receiving_ntlm_traffic.value);
  }
}

void ApplyWindowsSettings(const WindowsSettings& settings, ServerPackages& packages) {
  if (packages.ntlm.has_value()) {
    ApplyWindowsSettings(settings, *packages.ntlm);
  }
}

void ApplyTelnetSettings(const WindowsSettings& settings, ExtendedProtectionOptions& options) {
  ApplyIfSet(settings.telnet_extended_protection, options.mode);
}

void ApplyLdapSettings(const WindowsSettings& settings, ExtendedProtectionOptions& options) {
  ApplyIfSet(settings.ldap_enforce_channel_binding, options.mode);
  options.no_service_name_check = true;
}

void ApplyWinRmSettings(const WindowsSettings& settings, ExtendedProtectionOptions& options) {
  if (settings.winrm_cbt_hardening_level.is_set()) {
    options.mode = ModeOf(settings.winrm_cbt_hardening_level.value);
  }
  options.no_service_name_check = true;
}

void ApplyWindowsSettings(const WindowsSettings& settings, smb2::NameHardeningOptions& options) {
  if (settings.smb_server_name_hardening_level.is_set()) {
    options.level = static_cast<uint32_t>(settings.smb_server_name_hardening_level.value);
  }
  AddAllowedServerNames(settings, options.names);
}

void ApplyWindowsSettings(const WindowsSettings& settings, smb2::ServerOptions& options) {
  AddAllowedServerNames(settings, options.names);
  ApplyIfSet(settings.server_require_signing, options.require_signing);
}

void ApplyWindowsSettings(const WindowsSettings& settings, smb2::ClientOptions& options) {
  options.allow_insecure_guest = settings.allow_insecure_guest_auth.value;
  options.insecure_guest_by_default = registry::InsecureGuestAllowedByDefault(settings.version);
  ApplyIfSet(settings.client_require_signing, options.require_signing);
}

}  // namespace epa
