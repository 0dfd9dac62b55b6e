// Windows' settings applied to this library: the one place where a value of the registry becomes
// behaviour.
//
// Each function applies what the registry sets and leaves the rest of its argument alone, so that
// this library's own defaults, which are stricter than Windows', stay where an administrator has
// said nothing. What every setting does is in docs/settings.md.
#ifndef EPA_DEFAULTS_WINDOWS_SETTINGS_H_
#define EPA_DEFAULTS_WINDOWS_SETTINGS_H_

#include "epa/core/extended_protection.h"
#include "epa/defaults/defaults.h"
#include "epa/kerberos/kerberos.h"
#include "epa/ntlm/ntlm.h"
#include "epa/registry/windows_settings.h"
#include "epa/smb2/client_connection.h"
#include "epa/smb2/server_connection.h"
#include "epa/smb2/server_names.h"

#pragma GCC visibility push(default)

namespace epa {

// Clients: SuppressExtendedProtection, LmCompatibilityLevel, NtlmMinClientSec,
// RestrictSendingNTLMTraffic, ClientAllowedNTLMServers.
void ApplyWindowsSettings(const registry::WindowsSettings& settings,
                          ntlm::InitiatorOptions& options);
// SuppressExtendedProtection.
void ApplyWindowsSettings(const registry::WindowsSettings& settings,
                          kerberos::InitiatorOptions& options);
// Both, where they are there.
void ApplyWindowsSettings(const registry::WindowsSettings& settings, ClientPackages& packages);

// Servers: NtlmMinServerSec, RestrictReceivingNTLMTraffic, DCAllowedNTLMServers.
// LmCompatibilityLevel asks for nothing more: NTLMv1 and LM are always refused.
void ApplyWindowsSettings(const registry::WindowsSettings& settings,
                          ntlm::AcceptorOptions& options);
void ApplyWindowsSettings(const registry::WindowsSettings& settings, ServerPackages& packages);

// A Telnet server's ExtendedProtection. The accepted names are the caller's.
void ApplyTelnetSettings(const registry::WindowsSettings& settings,
                         ExtendedProtectionOptions& options);
// A directory server's LdapEnforceChannelBinding. Service names are not looked at, as on Windows.
void ApplyLdapSettings(const registry::WindowsSettings& settings,
                       ExtendedProtectionOptions& options);
// A WinRM server's CbtHardeningLevel. Service names are not looked at, as on Windows.
void ApplyWinRmSettings(const registry::WindowsSettings& settings,
                        ExtendedProtectionOptions& options);

// SmbServerNameHardeningLevel; SrvAllowedServerNames joins the names.
void ApplyWindowsSettings(const registry::WindowsSettings& settings,
                          smb2::NameHardeningOptions& options);
// SrvAllowedServerNames and RequireSecuritySignature of an SMB server.
void ApplyWindowsSettings(const registry::WindowsSettings& settings, smb2::ServerOptions& options);
// AllowInsecureGuestAuth and RequireSecuritySignature of an SMB client. The former is applied
// whether or not it is set: its default is the product's and edition's, which is what a
// WindowsVersion is chosen for. It admits nobody while signing is required.
void ApplyWindowsSettings(const registry::WindowsSettings& settings, smb2::ClientOptions& options);

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_DEFAULTS_WINDOWS_SETTINGS_H_
