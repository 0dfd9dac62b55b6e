// --registry and --windows: Windows' settings for a command.
#ifndef EPA_TOOLS_EPA_COMMON_REGISTRY_OPTIONS_H_
#define EPA_TOOLS_EPA_COMMON_REGISTRY_OPTIONS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "epa/registry/windows_settings.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

inline constexpr OptionSpec kRegistryOption = {
    "--registry", "FILE.reg", "settings in Windows' registry-export format; later files win", true};
inline constexpr OptionSpec kWindowsOption = {
    "--windows", "NAME", "whose defaults: windows10-1709/pro, server-2025 and so on"};

// From --registry and --windows; no value without either. Explicit options of a command win over
// them: that is for the caller to see to.
absl::StatusOr<std::optional<registry::WindowsSettings>> WindowsSettingsFrom(
    const CommandLine& line);
// From --windows: the newest without it.
absl::StatusOr<registry::WindowsVersion> WindowsVersionFrom(const CommandLine& line);

// Writes what an administrator should know of the files of --registry to standard error, a line
// each. Fails as WindowsSettingsFrom.
absl::Status TellRegistryNotes(const CommandLine& line);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_REGISTRY_OPTIONS_H_
