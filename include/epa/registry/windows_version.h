// The products and editions of Windows whose defaults differ, and those defaults.
#ifndef EPA_REGISTRY_WINDOWS_VERSION_H_
#define EPA_REGISTRY_WINDOWS_VERSION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "epa/core/extended_protection.h"

#pragma GCC visibility push(default)

namespace epa::registry {

enum class WindowsProduct : uint8_t {
  kBefore1709,  // clients and servers before Windows 10 1709: AllowInsecureGuestAuth is unknown
  kWindows10From1709,   // 1709, 1803, 1809, 1903, 1909
  kWindows10From2004,   // 2004, 20H2, 21H1 before KB5003173
  kWindows10KB5003173,  // 2004, 20H2, 21H1 with KB5003173; 21H2, 22H2
  kWindows11,           // up to 23H2
  kWindows11From24H2,   // and the Insider builds from 25267 on
  kServer1709ToServer2022,
  kServer2025,
};

// Servers have one: which of theirs makes no difference.
enum class WindowsEdition : uint8_t {
  kHome,
  kPro,
  kProForWorkstations,
  kEnterprise,  // and Education
  kServer,
};

// The default is what is safest, and the newest.
struct WindowsVersion {
  WindowsProduct product = WindowsProduct::kWindows11From24H2;
  WindowsEdition edition = WindowsEdition::kEnterprise;
};

// One of WindowsVersionNames. For a Windows 10 or 11 an edition may follow after a slash: "home",
// "pro", "workstations", "enterprise" (which is the default) or "education". No value: none of
// these.
std::optional<WindowsVersion> ParseWindowsVersion(std::string_view text);
// "before-1709, windows10-1709, ...", as KB4046019 calls them.
std::string WindowsVersionNames();

// What is in effect where neither a policy nor a local value sets it.
bool InsecureGuestAllowedByDefault(const WindowsVersion& version);   // AllowInsecureGuestAuth
bool ClientSigningRequiredByDefault(const WindowsVersion& version);  // RequireSecuritySignature
bool ServerSigningRequiredByDefault(const WindowsVersion& version);  // RequireSecuritySignature
// LdapEnforceChannelBinding of a domain controller.
ExtendedProtectionMode LdapChannelBindingByDefault(const WindowsVersion& version);

}  // namespace epa::registry

#pragma GCC visibility pop

#endif  // EPA_REGISTRY_WINDOWS_VERSION_H_
