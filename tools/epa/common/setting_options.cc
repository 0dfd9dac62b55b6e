#include "tools/epa/common/setting_options.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "lib/service/values.h"

namespace epa::tool {
namespace {

using service::GivenSetting;
using service::Protocol;
using service::Setting;
using service::SettingKind;

constexpr std::string_view kDashes = "--";
// The one switch whose default is not always no.
constexpr std::string_view kEachRequest = "authenticate-each-request";
constexpr std::string_view kNotEachRequest = "--no-authenticate-each-request";

// The servers end TLS themselves; a helper's front end does.
bool IsOption(const Setting& setting, Protocol protocol) {
  return IsSettingOf(setting, protocol) && (!setting.elsewhere || protocol == Protocol::kHelper) &&
         setting.use != service::SettingUse::kInWebServerOnly;
}

std::string OptionName(const Setting& setting) {
  return std::string(kDashes) + std::string(setting.name);
}

std::string HelpText(const Setting& setting) {
  std::string text(setting.text);
  // A list of values; what is described is a text of any kind.
  const bool list = !setting.expected.empty() && !setting.expected.starts_with("a ");
  if (list && setting.kind == SettingKind::kText && setting.expected != setting.value) {
    text += ": " + std::string(setting.expected);
  }
  if (!setting.default_value.empty() && setting.default_value != "no") {
    text += "; default " + std::string(setting.default_value);
  }
  return text;
}

// Texts that are made, and the options that show them.
class OptionTable {
 public:
  explicit OptionTable(Protocol protocol) {
    options_.push_back(
        {"--config", "FILE", "a configuration file, epa.conf(5); options override it"});
    options_.push_back({"--service", "NAME", "the section [PROTOCOL NAME] of --config"});
    for (const Setting& setting : service::Settings()) {
      if (IsOption(setting, protocol)) {
        options_.push_back({Keep(OptionName(setting)), setting.value, Keep(HelpText(setting)),
                            setting.repeatable});
      }
      if (setting.name == kEachRequest && IsOption(setting, protocol)) {
        options_.push_back(
            {kNotEachRequest, "",
             "With scenario proxy: each connection of the proxy belongs to one client"});
      }
    }
  }

  OptionTable(const OptionTable&) = delete;
  OptionTable& operator=(const OptionTable&) = delete;

  std::span<const OptionSpec> options() const { return options_; }

 private:
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  std::deque<std::string> texts_;
  std::vector<OptionSpec> options_;
};

std::vector<GivenSetting> GivenSettings(const CommandLine& line, Protocol protocol) {
  std::vector<GivenSetting> given;
  for (const Setting& setting : service::Settings()) {
    if (!IsOption(setting, protocol)) {
      continue;
    }
    const std::string option = OptionName(setting);
    if (setting.kind == SettingKind::kSwitch && line.Has(option)) {
      given.push_back({std::string(setting.name), "yes", option, "", false});
    } else {
      for (const std::string& value : line.Values(option)) {
        given.push_back({std::string(setting.name), value, option, "", false});
      }
    }
  }
  if (line.Has(kNotEachRequest)) {
    given.push_back({std::string(kEachRequest), "no", std::string(kNotEachRequest), "", false});
  }
  return given;
}

}  // namespace

std::span<const OptionSpec> ServerOptions(Protocol protocol) {
  static const auto& tables =
      *new std::deque<OptionTable>(service::kProtocols.begin(), service::kProtocols.end());
  return tables[static_cast<size_t>(protocol)].options();
}

absl::StatusOr<service::ServiceOptions> ServiceOptionsFrom(const CommandLine& line,
                                                           Protocol protocol) {
  service::ServiceOptions options;
  options.service = {protocol, line.ValueOr("--service", "")};
  options.configuration = line.ValueOr("--config", "");
  if (options.configuration.empty() && line.Has("--service")) {
    return absl::InvalidArgumentError("--service is of use with --config only");
  }
  if (options.configuration.empty() && line.Has("--config")) {
    return absl::InvalidArgumentError("--config '': expected the path of a configuration");
  }
  options.prefix = line.Has("--config") ? "" : kDashes;
  options.overrides = GivenSettings(line, protocol);
  return options;
}

absl::Status UnexpectedValue(std::string_view option, std::string_view value) {
  const Setting* setting = service::FindSetting(option.substr(kDashes.size()));
  return absl::InvalidArgumentError(service::UnexpectedText(
      option, value, setting == nullptr ? "something else" : ExpectedText(*setting)));
}

}  // namespace epa::tool
