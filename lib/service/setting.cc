#include "epa/service/setting.h"

#include <algorithm>
#include <array>

namespace epa::service {
namespace {

constexpr std::array<std::string_view, kProtocols.size()> kProtocolNames = {
    "http", "smb", "telnet", "smtp", "imap", "pop3", "ldap", "helper", "service"};

}  // namespace

std::string_view ProtocolName(Protocol protocol) {
  return kProtocolNames[static_cast<size_t>(protocol)];
}

std::optional<Protocol> ParseProtocol(std::string_view name) {
  const auto* const found = std::ranges::find(kProtocolNames, name);
  return found == kProtocolNames.end()
             ? std::nullopt
             : std::optional(static_cast<Protocol>(found - kProtocolNames.begin()));
}

const Setting* FindSetting(std::string_view name) {
  const std::span<const Setting> all = Settings();
  const auto found = std::ranges::find(all, name, &Setting::name);
  return found == all.end() ? nullptr : &*found;
}

bool IsSettingOf(const Setting& setting, Protocol protocol) {
  return (setting.protocols >> static_cast<unsigned>(protocol) & 1) != 0;
}

std::string ExpectedText(const Setting& setting) {
  switch (setting.kind) {
    case SettingKind::kSwitch:
      return "yes or no";
    case SettingKind::kNumber:
      return "a number from " + std::to_string(setting.least) + " to " +
             std::to_string(setting.most);
    case SettingKind::kText:
    case SettingKind::kPath:
      break;
  }
  return std::string(setting.expected);
}

}  // namespace epa::service
