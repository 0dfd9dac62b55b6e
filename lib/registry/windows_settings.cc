#include "epa/registry/windows_settings.h"

#include <array>
#include <set>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"

namespace epa::registry {
namespace {

using Entry = Registry::Entry;

constexpr std::string_view kLsa = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa)";
constexpr std::string_view kMsv =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0)";
constexpr std::string_view kNetlogon =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Netlogon\Parameters)";
constexpr std::string_view kTelnet = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\TelnetServer\1.0)";
constexpr std::string_view kLdap =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\NTDS\Parameters)";
constexpr std::string_view kWinRm =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Service)";
constexpr std::string_view kSmbServer =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\LanManServer\Parameters)";
constexpr std::string_view kSmbClient =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\LanmanWorkstation\Parameters)";
constexpr std::string_view kWinRmPolicy =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WinRM\Service)";
constexpr std::string_view kSmbServerPolicy =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\LanmanServer)";
constexpr std::string_view kSmbClientPolicy =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\LanmanWorkstation)";

constexpr uint32_t kSessionSecurity = 0x00080000;  // NTLMv2 session security
constexpr uint32_t kKeys128Bit = 0x20000000;

absl::Status Wrong(const Entry& entry, const std::string& why) {
  return absl::InvalidArgumentError(*entry.file + ":" + std::to_string(entry.line) + ": " +
                                    entry.name + ": " + why);
}

absl::Status WrongType(const Entry& entry, ValueType expected) {
  const std::string name = ValueTypeName(expected);
  return Wrong(entry, entry.value.type == expected
                          ? "a damaged " + name
                          : ValueTypeName(entry.value.type) + " where " + name + " is expected");
}

template <typename Data>
const Data* DataOf(const Entry& entry, ValueType type) {
  return entry.value.type == type ? std::get_if<Data>(&entry.value.data) : nullptr;
}

absl::StatusOr<uint32_t> NumberOf(const Entry& entry) {
  const auto* number = DataOf<uint64_t>(entry, ValueType::kDword);
  if (number == nullptr) {
    return WrongType(entry, ValueType::kDword);
  }
  return static_cast<uint32_t>(*number);
}

absl::Status OutOfRange(const Entry& entry, uint32_t number, std::string_view expected) {
  return Wrong(entry, std::to_string(number) + ": expected " + std::string(expected));
}

absl::StatusOr<uint32_t> UpTo(const Entry& entry, uint32_t most) {
  EPA_ASSIGN_OR_RETURN(const uint32_t number, NumberOf(entry));
  if (number > most) {
    return OutOfRange(entry, number, "0 to " + std::to_string(most));
  }
  return number;
}

absl::StatusOr<uint32_t> ReadSuppression(const Entry& entry) {
  EPA_ASSIGN_OR_RETURN(const uint32_t number, NumberOf(entry));
  if (number != 0 && number != 1 && number != 3) {
    return OutOfRange(entry, number, "0, 1 or 3");
  }
  return number;
}

absl::StatusOr<uint32_t> ReadSessionSecurity(const Entry& entry) {
  EPA_ASSIGN_OR_RETURN(const uint32_t number, NumberOf(entry));
  if ((number & ~(kSessionSecurity | kKeys128Bit)) != 0) {
    return OutOfRange(entry, number, "no bits but 0x00080000 and 0x20000000");
  }
  return number;
}

absl::StatusOr<uint32_t> ReadLmLevel(const Entry& entry) { return UpTo(entry, 5); }

absl::StatusOr<bool> ReadSwitch(const Entry& entry) {
  EPA_ASSIGN_OR_RETURN(const uint32_t number, UpTo(entry, 1));
  return number == 1;
}

template <typename Level>
absl::StatusOr<Level> ReadLevel(const Entry& entry) {
  EPA_ASSIGN_OR_RETURN(const uint32_t number, UpTo(entry, 2));
  return static_cast<Level>(number);
}

absl::StatusOr<std::vector<std::string>> ReadList(const Entry& entry) {
  const auto* list = DataOf<std::vector<std::string>>(entry, ValueType::kMultiString);
  if (list == nullptr) {
    return WrongType(entry, ValueType::kMultiString);
  }
  return *list;
}

constexpr std::array<std::pair<std::string_view, CbtHardeningLevel>, 3> kHardeningLevels = {{
    {"None", CbtHardeningLevel::kNone},
    {"Relaxed", CbtHardeningLevel::kRelaxed},
    {"Strict", CbtHardeningLevel::kStrict},
}};

absl::StatusOr<CbtHardeningLevel> ReadHardeningLevel(const Entry& entry) {
  const auto* text = DataOf<std::string>(entry, ValueType::kString);
  if (text == nullptr) {
    return WrongType(entry, ValueType::kString);
  }
  for (const auto& [name, level] : kHardeningLevels) {
    if (EqualsIgnoringAsciiCase(*text, name)) {
      return level;
    }
  }
  return Wrong(entry, "\"" + *text + "\": expected None, Relaxed or Strict");
}

std::string TextOf(uint32_t number) { return std::to_string(number); }
std::string TextOf(bool on) { return on ? "1" : "0"; }
std::string TextOf(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) {
    text += (text.empty() ? "" : "; ") + item;
  }
  return text;
}
std::string TextOf(CbtHardeningLevel level) {
  return std::string(kHardeningLevels[static_cast<size_t>(level)].first);
}
template <typename Level>
requires std::is_enum_v<Level> std::string TextOf(Level level) {
  return std::to_string(static_cast<unsigned>(level));
}

// Where a value stands. Settings without a policy of their own have local paths alone: the
// "Security Options" of a group policy write there.
struct Path {
  std::string_view key;
  std::string_view name;
};

// Finds settings and remembers which values were known.
class SettingReader {
 public:
  explicit SettingReader(const Registry& registry) : registry_(registry) {}

  // The value, which then counts as used.
  const Entry* Take(const Path& path) {
    const Entry* entry = path.name.empty() ? nullptr : registry_.Find(path.key, path.name);
    if (entry != nullptr) {
      used_.insert(entry);
    }
    return entry;
  }

  // The policy's value wins, but both must be sound.
  template <typename Value>
  absl::Status Read(const Path& policy, const Path& local,
                    absl::StatusOr<Value> (*read)(const Entry&), Setting<Value>& out) {
    EPA_RETURN_IF_ERROR(Assign(Take(local), SettingSource::kLocal, read, out));
    return Assign(Take(policy), SettingSource::kPolicy, read, out);
  }

  std::vector<UnusedValue> Unused() const {
    std::vector<UnusedValue> unused;
    registry_.ForEach([&](const Entry& entry) {
      if (!used_.contains(&entry)) {
        unused.push_back({entry.key, entry.name, entry.value, entry.file, entry.line});
      }
    });
    return unused;
  }

 private:
  template <typename Value>
  static absl::Status Assign(const Entry* entry, SettingSource source,
                             absl::StatusOr<Value> (*read)(const Entry&), Setting<Value>& out) {
    if (entry != nullptr) {
      EPA_ASSIGN_OR_RETURN(out.value, read(*entry));
      out.origin = {source, entry->file, entry->line};
    }
    return absl::OkStatus();
  }

  const Registry& registry_;
  std::set<const Entry*> used_;
};

constexpr Path kNoPolicy;

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

}  // namespace

std::string_view SettingSourceName(SettingSource source) {
  switch (source) {
    case SettingSource::kDefault:
      return "default";
    case SettingSource::kLocal:
      return "local";
    case SettingSource::kPolicy:
      return "policy";
  }
  return "default";
}

WindowsSettings DefaultWindowsSettings(const WindowsVersion& version) {
  WindowsSettings settings;
  settings.version = version;
  settings.lm_compatibility_level.value = 3;
  settings.ntlm_min_client_sec.value = kKeys128Bit;
  settings.ntlm_min_server_sec.value = kKeys128Bit;
  settings.winrm_cbt_hardening_level.value = CbtHardeningLevel::kRelaxed;
  settings.client_require_signing.value = ClientSigningRequiredByDefault(version);
  settings.client_enable_signing.value = true;
  settings.allow_insecure_guest_auth.value = InsecureGuestAllowedByDefault(version);
  return settings;
}

absl::StatusOr<WindowsSettings> WindowsSettingsFrom(const Registry& registry,
                                                    const WindowsVersion& version) {
  WindowsSettings settings = DefaultWindowsSettings(version);
  SettingReader reader(registry);
  // A WinRM policy that is switched off leaves its level behind.
  bool winrm_policy = true;
  if (const Entry* status = reader.Take({kWinRmPolicy, "CBTHardeningLevelStatus"})) {
    EPA_ASSIGN_OR_RETURN(winrm_policy, ReadSwitch(*status));
  }
  EPA_RETURN_IF_ERROR(
      VisitSettings(settings, [&](const Path& policy, const Path& local, auto read, auto& setting) {
        const bool off = policy.key == kWinRmPolicy && !winrm_policy;
        return reader.Read(off ? kNoPolicy : policy, local, read, setting);
      }));
  if (version.product == WindowsProduct::kBefore1709) {
    // Unknown there, so it changes nothing.
    settings.allow_insecure_guest_auth = {.value = true, .origin = {}};
  }
  settings.unused = reader.Unused();
  return settings;
}

absl::StatusOr<WindowsSettings> ReadWindowsSettings(std::span<const std::string> paths,
                                                    const WindowsVersion& version) {
  Registry registry;
  for (const std::string& path : paths) {
    EPA_ASSIGN_OR_RETURN(RegistryFile file, ReadRegistryFile(path));
    registry.Import(std::move(file));
  }
  return WindowsSettingsFrom(registry, version);
}

std::vector<SettingDescription> Describe(const WindowsSettings& settings) {
  std::vector<SettingDescription> descriptions;
  (void)VisitSettings(settings, [&](const Path&, const Path& local, auto, const auto& setting) {
    descriptions.push_back({local.name, local.key, TextOf(setting.value), setting.origin});
    return absl::OkStatus();
  });
  return descriptions;
}

std::string OriginText(const SettingOrigin& origin) {
  std::string text(SettingSourceName(origin.source));
  if (origin.source != SettingSource::kDefault) {
    text += ", " + *origin.file + ":" + std::to_string(origin.line);
  }
  return text;
}

}  // namespace epa::registry
