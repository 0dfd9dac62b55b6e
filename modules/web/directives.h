// What a web server's directives are called: the settings of the one table, spelled as the host
// does.
#ifndef EPA_MODULES_WEB_DIRECTIVES_H_
#define EPA_MODULES_WEB_DIRECTIVES_H_

#include <string>
#include <string_view>

#include "epa/service/service_settings.h"
#include "epa/service/setting.h"

namespace epa::web {

bool IsDirective(const service::Setting& setting);

std::string ApacheDirective(std::string_view setting);  // "EpaExtendedProtection"
std::string NginxDirective(std::string_view setting);   // "auth_epa_extended_protection"

// Web servers' switches are "on" and "off".
std::string SettingValue(const service::Setting& setting, std::string_view directive_value);

// Whether the value is one of the setting's: InvalidArgument in one line that begins with
// `given.where`. Opens no file, and does not know what else is said.
absl::Status CheckDirective(const service::GivenSetting& given, service::Spelling spelling);

}  // namespace epa::web

#endif  // EPA_MODULES_WEB_DIRECTIVES_H_
