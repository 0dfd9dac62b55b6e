#include "epa/registry/windows_settings.h"

#include <set>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/registry/registry_notes.h"
#include "lib/registry/setting_readers.h"
#include "lib/registry/setting_table.h"

namespace epa::registry {
namespace {

using Entry = Registry::Entry;

std::string TextOf(uint32_t number) { return NumberText(number); }
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
  settings.ldap_enforce_channel_binding.value = LdapChannelBindingByDefault(version);
  settings.server_require_signing.value = ServerSigningRequiredByDefault(version);
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
  if (const Entry* status = reader.Take(kWinRmPolicyStatus)) {
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
  EPA_ASSIGN_OR_RETURN(settings.notes, NotesOn(registry, settings.unused));
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

std::string NoteText(const RegistryNote& note) {
  return *note.file + ":" + std::to_string(note.line) + ": " + note.text;
}

std::string OriginText(const SettingOrigin& origin) {
  std::string text(SettingSourceName(origin.source));
  if (origin.source != SettingSource::kDefault) {
    text += ", " + *origin.file + ":" + std::to_string(origin.line);
  }
  return text;
}

}  // namespace epa::registry
