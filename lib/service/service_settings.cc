#include "epa/service/service_settings.h"

#include <algorithm>
#include <set>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "lib/service/setting_table.h"
#include "lib/service/values.h"

namespace epa::service {
namespace {

constexpr size_t kMostValues = 256;

absl::Status Unexpected(const GivenSetting& given, std::string_view expected) {
  return absl::InvalidArgumentError(UnexpectedText(given.where, given.value, expected));
}

// A name with which somebody compares must not end early, and lines are lines.
bool IsOneLine(std::string_view text) {
  return IsValidUtf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

absl::Status CheckName(const GivenSetting& given, Protocol protocol, const Setting* setting) {
  if (setting == nullptr) {
    return absl::InvalidArgumentError(Shown(given.where) + ": no such setting");
  }
  if (!IsSettingOf(*setting, protocol)) {
    return absl::InvalidArgumentError(given.where + ": not a setting of " +
                                      std::string(ProtocolName(protocol)));
  }
  return absl::OkStatus();
}

absl::Status CheckValue(const GivenSetting& given, const Setting& setting,
                        const ServiceSettings& settings) {
  if (given.value.empty() || !IsOneLine(given.value)) {
    return Unexpected(given, ExpectedText(setting));
  }
  const auto said = settings.said.find(given.name);
  const size_t before = said == settings.said.end() ? 0 : said->second.size();
  if (before > 0 && !setting.repeatable) {
    return Unexpected(given, "once, and it is in " + settings.Where(given.name));
  }
  if (before == kMostValues) {
    return Unexpected(given, "no more than " + std::to_string(kMostValues) + " times");
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view ScenarioName(Scenario scenario) {
  switch (scenario) {
    case Scenario::kTls:
      return "tls";
    case Scenario::kProxy:
      return "proxy";
    case Scenario::kClear:
      break;
  }
  return "clear";
}

std::vector<GivenSetting> Override(std::vector<GivenSetting> base, std::vector<GivenSetting> over) {
  std::set<std::string> own;
  for (const GivenSetting& given : over) {
    own.insert(given.name);
  }
  std::erase_if(base, [&own](const GivenSetting& given) { return own.contains(given.name); });
  std::ranges::move(over, std::back_inserter(base));
  return base;
}

bool ServiceSettings::HasOwn(std::string_view name) const {
  const auto found = said.find(name);
  return found != said.end() && !found->second.front().inherited;
}

std::string ServiceSettings::Where(std::string_view name, size_t index) const {
  const auto found = said.find(name);
  return found != said.end() && index < found->second.size() ? found->second[index].where : "";
}

absl::Status ServiceSettings::Fault(std::string_view name, std::string_view text) const {
  const std::string where = Has(name) ? Where(name) : place;
  return absl::InvalidArgumentError(where.empty() ? std::string(text)
                                                  : where + ": " + std::string(text));
}

std::string ServiceSettings::Spelled(std::string_view name) const {
  return spelling != nullptr ? spelling(name) : prefix + std::string(name);
}

absl::StatusOr<ServiceSettings> ReadSettings(Protocol protocol, std::span<const GivenSetting> given,
                                             const FrontEnd& front_end) {
  ServiceSettings settings;
  settings.protocol = protocol;
  settings.place = front_end.place;
  settings.prefix = front_end.prefix;
  settings.spelling = front_end.spelling;
  for (const GivenSetting& one : given) {
    const Setting* setting = FindSetting(one.name);
    if (setting != nullptr && one.inherited && !IsSettingOf(*setting, protocol)) {
      continue;
    }
    EPA_RETURN_IF_ERROR(CheckName(one, protocol, setting));
    EPA_RETURN_IF_ERROR(CheckValue(one, *setting, settings));
    if (!ApplyOf(*setting)(one.value, one.folder, settings)) {
      return Unexpected(one, ExpectedText(*setting));
    }
    settings.said[one.name].push_back({one.where, one.inherited});
  }
  return settings;
}

}  // namespace epa::service
