#include "tools/epa/settings.h"

#include <string>

#include "absl/status/statusor.h"
#include "epa/registry/windows_settings.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/output.h"
#include "tools/epa/common/registry_options.h"

namespace epa::tool {
namespace {

using registry::RegistryNote;
using registry::SettingDescription;
using registry::UnusedValue;
using registry::WindowsSettings;

constexpr OptionSpec kOptions[] = {
    kWindowsOption,
    {"--json", "", "one JSON document on standard output"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa settings [FILE.reg ...] [options]",
    .summary =
        "Shows Windows' settings as these exported registry files leave them, and where each\n"
        "comes from: a default of Windows, a line of a file, or a policy. Later files win, and\n"
        "policies win over local values. Values that nothing here uses and lines that cannot be\n"
        "read are listed below.",
    .options = kOptions,
    .example = "  epa settings baseline.reg overrides.reg --windows server-2025",
    .max_positional = 64,
};

absl::StatusOr<WindowsSettings> SettingsOf(const CommandLine& line) {
  EPA_ASSIGN_OR_RETURN(const registry::WindowsVersion version, WindowsVersionFrom(line));
  return registry::ReadWindowsSettings(line.positional(), version);
}

Json ToJson(const WindowsSettings& settings) {
  Json document;
  document["settings"] = Json::array();
  for (const SettingDescription& setting : Describe(settings)) {
    Json json;
    json["name"] = setting.name;
    json["key"] = setting.key;
    json["value"] = setting.value;
    json["source"] = SettingSourceName(setting.origin.source);
    if (setting.origin.file != nullptr) {
      json["file"] = *setting.origin.file;
      json["line"] = setting.origin.line;
    }
    document["settings"].push_back(std::move(json));
  }
  document["unused"] = Json::array();
  for (const UnusedValue& unused : settings.unused) {
    document["unused"].push_back({{"key", unused.key},
                                  {"name", unused.name},
                                  {"type", ValueTypeName(unused.value.type)},
                                  {"file", *unused.file},
                                  {"line", unused.line}});
  }
  document["notes"] = Json::array();
  for (const RegistryNote& note : settings.notes) {
    document["notes"].push_back({{"file", *note.file}, {"line", note.line}, {"text", note.text}});
  }
  return document;
}

// Two services have values of the same name: a part of the key tells them apart.
std::string_view ServiceOf(std::string_view key) {
  for (const std::string_view general : {"\\Parameters", "\\Service", "\\1.0"}) {
    if (key.ends_with(general)) {
      key.remove_suffix(general.size());
    }
  }
  return key.substr(key.rfind('\\') + 1);
}

void PrintForPeople(const WindowsSettings& settings) {
  const Printer printer;
  Table table;
  for (const SettingDescription& setting : Describe(settings)) {
    const bool is_set = setting.origin.file != nullptr;
    table.AddRow({{std::string(setting.name), is_set ? Style::kBold : Style::kPlain},
                  {std::string(ServiceOf(setting.key)), Style::kDim},
                  {setting.value},
                  {OriginText(setting.origin), is_set ? Style::kPlain : Style::kDim}});
  }
  Write(table.Render(printer));
  if (!settings.unused.empty()) {
    Table unused_values;
    unused_values.AddRow({{"Not used by anything here:", Style::kDim}});
    for (const UnusedValue& unused : settings.unused) {
      unused_values.AddRow({{*unused.file + ":" + std::to_string(unused.line)},
                            {unused.key + "\\" + (unused.name.empty() ? "@" : unused.name)}});
    }
    Write("\n" + unused_values.Render(printer));
  }
  if (!settings.notes.empty()) {
    Table notes;
    notes.AddRow({{"Perhaps not meant as they were read:", Style::kDim}});
    for (const RegistryNote& note : settings.notes) {
      notes.AddRow({{*note.file + ":" + std::to_string(note.line)}, {note.text}});
    }
    Write("\n" + notes.Render(printer));
  }
}

Ending PrintSettings(const CommandLine& line) {
  const absl::StatusOr<WindowsSettings> settings = SettingsOf(line);
  if (!settings.ok()) {
    return FailUsage(settings.status());
  }
  line.Has("--json") ? WriteJson(ToJson(*settings)) : PrintForPeople(*settings);
  return kExitDone;
}

}  // namespace

int RunSettings(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, PrintSettings);
}

}  // namespace epa::tool
