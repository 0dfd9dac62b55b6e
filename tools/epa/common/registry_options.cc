#include "tools/epa/common/registry_options.h"

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
    return absl::InvalidArgumentError(
        "--windows '" + *name +
        "': expected before-1709, server-1709, server-2025, or windows10-1709, windows10-2004, "
        "windows10-2004-kb5003173, windows11, windows11-24h2, and after it perhaps /home, /pro, "
        "/workstations or /enterprise");
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

}  // namespace epa::tool
