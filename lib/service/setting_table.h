// The table: what is in `Setting`, and what each setting changes.
#ifndef EPA_LIB_SERVICE_SETTING_TABLE_H_
#define EPA_LIB_SERVICE_SETTING_TABLE_H_

#include <string_view>

#include "epa/service/service_settings.h"

namespace epa::service {

// One value of a setting. False: it cannot have that value.
using Apply = bool (*)(std::string_view value, std::string_view folder, ServiceSettings& settings);

// Of one of Settings().
Apply ApplyOf(const Setting& setting);

}  // namespace epa::service

#endif  // EPA_LIB_SERVICE_SETTING_TABLE_H_
