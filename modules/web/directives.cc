#include "modules/web/directives.h"

#include <algorithm>
#include <span>

#include "lib/base/ascii.h"

namespace epa::web {

using service::Setting;

bool IsDirective(const Setting& setting) {
  return IsSettingOf(setting, service::Protocol::kHttp) && !setting.elsewhere &&
         setting.use != service::SettingUse::kNotInWebServer;
}

std::string ApacheDirective(std::string_view setting) {
  std::string directive = "Epa";
  bool begins = true;
  for (const char c : setting) {
    if (c != '-') {
      directive += begins ? static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) : c;
    }
    begins = c == '-';
  }
  return directive;
}

std::string NginxDirective(std::string_view setting) {
  std::string directive = "auth_epa_" + std::string(setting);
  std::ranges::replace(directive, '-', '_');
  return directive;
}

std::string SettingValue(const Setting& setting, std::string_view directive_value) {
  if (setting.kind == service::SettingKind::kSwitch) {
    if (EqualsIgnoringAsciiCase(directive_value, "on")) {
      return "yes";
    }
    if (EqualsIgnoringAsciiCase(directive_value, "off")) {
      return "no";
    }
  }
  return std::string(directive_value);
}

absl::Status CheckDirective(const service::GivenSetting& given, service::Spelling spelling) {
  return ReadSettings(service::Protocol::kHttp, std::span(&given, 1), {"", "", spelling}).status();
}

}  // namespace epa::web
