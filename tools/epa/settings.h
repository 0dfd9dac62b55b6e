// `epa settings`.
#ifndef EPA_TOOLS_EPA_SETTINGS_H_
#define EPA_TOOLS_EPA_SETTINGS_H_

#include <span>
#include <string>

namespace epa::tool {

// Prints Windows' settings as they are in effect. Returns the exit status.
int RunSettings(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SETTINGS_H_
