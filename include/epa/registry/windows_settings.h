// The settings of Windows that concern extended protection, out of exported registry files.
#ifndef EPA_REGISTRY_WINDOWS_SETTINGS_H_
#define EPA_REGISTRY_WINDOWS_SETTINGS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/extended_protection.h"
#include "epa/registry/registry.h"
#include "epa/registry/windows_version.h"

#pragma GCC visibility push(default)

namespace epa::registry {

enum class SettingSource : uint8_t { kDefault, kLocal, kPolicy };
std::string_view SettingSourceName(SettingSource source);  // "default", "local", "policy"

struct SettingOrigin {
  SettingSource source = SettingSource::kDefault;
  // Unless it is a default. Never null then.
  std::shared_ptr<const std::string> file;
  size_t line = 0;
};

template <typename Value>
struct Setting {
  Value value{};  // in effect; a default where nothing sets it
  SettingOrigin origin;

  bool is_set() const { return origin.source != SettingSource::kDefault; }
};

enum class OutgoingNtlm : uint8_t { kAllow = 0, kAudit = 1, kDeny = 2 };
// [MS-WSMV] 2.2.4.34.
enum class CbtHardeningLevel : uint8_t { kNone, kRelaxed, kStrict };
enum class IncomingNtlm : uint8_t { kAllow = 0, kDenyDomainAccounts = 1, kDeny = 2 };

// One value of a file that nothing here reads.
struct UnusedValue {
  std::string key;
  std::string name;  // empty: the key's default value
  RegistryValue value;
  std::shared_ptr<const std::string> file;
  size_t line = 0;
};

// Something in a file that an administrator should know of.
struct RegistryNote {
  std::shared_ptr<const std::string> file;
  size_t line = 0;
  std::string text;  // one line; what it quotes of the file is as the file has it
};

// The value names are those of the registry; the paths are in windows_settings.cc and in
// docs/settings.md.
struct WindowsSettings {
  WindowsVersion version;

  // What a client sends.
  Setting<uint32_t> suppress_extended_protection;  // 0, 1 or 3
  Setting<uint32_t> lm_compatibility_level;        // 0 to 5; also what a server accepts
  // Bits 0x00080000 and 0x20000000; 0x10 and 0x20, of Windows before Vista, mean nothing here.
  Setting<uint32_t> ntlm_min_client_sec;
  Setting<OutgoingNtlm> restrict_sending_ntlm_traffic;
  Setting<std::vector<std::string>> client_allowed_ntlm_servers;

  // What a server accepts.
  Setting<uint32_t> ntlm_min_server_sec;
  Setting<IncomingNtlm> restrict_receiving_ntlm_traffic;
  Setting<std::vector<std::string>> dc_allowed_ntlm_servers;
  Setting<ExtendedProtectionMode> telnet_extended_protection;
  Setting<ExtendedProtectionMode> ldap_enforce_channel_binding;
  Setting<CbtHardeningLevel> winrm_cbt_hardening_level;

  // SMB.
  Setting<ExtendedProtectionMode> smb_server_name_hardening_level;
  Setting<std::vector<std::string>> srv_allowed_server_names;
  Setting<bool> audit_client_spn_support;
  Setting<bool> server_require_signing;
  Setting<bool> server_enable_signing;
  Setting<bool> client_require_signing;
  Setting<bool> client_enable_signing;
  Setting<bool> allow_insecure_guest_auth;

  // By key and name.
  std::vector<UnusedValue> unused;
  // Lines that could not be read, and values that have a setting's name below another key.
  std::vector<RegistryNote> notes;
};

// Windows' defaults.
WindowsSettings DefaultWindowsSettings(const WindowsVersion& version = {});

// What a registry says. A known value of another type or with a value that Windows does not
// document is InvalidArgument with its file, line, name and value; so is a line that cannot be
// read and names a known value, below its key or below one that cannot be read either.
absl::StatusOr<WindowsSettings> WindowsSettingsFrom(const Registry& registry,
                                                    const WindowsVersion& version = {});

// The same of files, later ones over earlier ones. Also fails as ReadRegistryFile.
absl::StatusOr<WindowsSettings> ReadWindowsSettings(std::span<const std::string> paths,
                                                    const WindowsVersion& version = {});

// A setting in effect, for people.
struct SettingDescription {
  std::string_view name;  // static text: the value's name in the registry
  std::string_view key;   // static text: the key a local value has; policies have one of their own
  std::string value;      // numbers as in the registry, lists with "; " between the items
  SettingOrigin origin;
};
// All settings, in a fixed order.
std::vector<SettingDescription> Describe(const WindowsSettings& settings);

// "FILE:LINE: TEXT".
std::string NoteText(const RegistryNote& note);

// "default", or "local, FILE:LINE", or "policy, FILE:LINE".
std::string OriginText(const SettingOrigin& origin);

}  // namespace epa::registry

#pragma GCC visibility pop

#endif  // EPA_REGISTRY_WINDOWS_SETTINGS_H_
