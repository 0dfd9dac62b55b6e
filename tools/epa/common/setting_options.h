// Options that are settings of epa/service/setting.h.
#ifndef EPA_TOOLS_EPA_COMMON_SETTING_OPTIONS_H_
#define EPA_TOOLS_EPA_COMMON_SETTING_OPTIONS_H_

#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/service/service.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

// Those of a server of `protocol`, with --config and --service. Live as long as the process.
std::span<const OptionSpec> ServerOptions(service::Protocol protocol);

// The service that the line says: of --config and --service, and the other options over it.
absl::StatusOr<service::ServiceOptions> ServiceOptionsFrom(const CommandLine& line,
                                                           service::Protocol protocol);

// "OPTION 'VALUE': expected ...", as the table has it. `option` is a setting's, with its dashes.
absl::Status UnexpectedValue(std::string_view option, std::string_view value);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_SETTING_OPTIONS_H_
