// `epa serve helper`.
#ifndef EPA_TOOLS_EPA_SERVE_SERVE_HELPER_H_
#define EPA_TOOLS_EPA_SERVE_SERVE_HELPER_H_

#include <span>
#include <string>

namespace epa::tool {

// Serves until SIGTERM or SIGINT. Returns the exit status.
int RunServeHelper(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVE_HELPER_H_
