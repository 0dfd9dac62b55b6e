#include "tools/epa/common/registry_options.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"

namespace epa::tool {

absl::StatusOr<registry::WindowsVersion> WindowsVersionFrom(const CommandLine& line) {
  const auto name = line.Value("--windows");
  if (!name.has_value()) {
    return registry::WindowsVersion();
  }
  const auto version = registry::ParseWindowsVersion(*name);
  if (!version.has_value()) {
    return absl::InvalidArgumentError("--windows '" + *name + "': expected one of " +
                                      registry::WindowsVersionNames() +
                                      "; Windows 10 and 11 may be followed by /home, /pro, "
                                      "/workstations, /enterprise or /education");
  }
  return *version;
}

absl::StatusOr<std::optional<registry::WindowsSettings>> WindowsSettingsFrom(
    const CommandLine& line) {
  if (!line.Has("--registry") && !line.Has("--windows")) {
    return std::nullopt;
  }
  EPA_ASSIGN_OR_RETURN(const registry::WindowsVersion version, WindowsVersionFrom(line));
  EPA_ASSIGN_OR_RETURN(registry::WindowsSettings settings,
                       registry::ReadWindowsSettings(line.Values("--registry"), version));
  return std::optional(std::move(settings));
}

absl::Status TellRegistryNotes(const CommandLine& line) {
  constexpr size_t kMost = 20;
  EPA_ASSIGN_OR_RETURN(const auto settings, WindowsSettingsFrom(line));
  const size_t count = settings.has_value() ? settings->notes.size() : 0;
  for (size_t i = 0; i < std::min(count, kMost); ++i) {
    Note(NoteText(settings->notes[i]));
  }
  if (count > kMost) {
    Note(std::to_string(count - kMost) + " more of these: epa settings FILE.reg lists them");
  }
  return absl::OkStatus();
}

}  // namespace epa::tool
