// `epa helper`.
#ifndef EPA_TOOLS_EPA_HELPER_RUN_HELPER_H_
#define EPA_TOOLS_EPA_HELPER_RUN_HELPER_H_

#include <span>
#include <string>

namespace epa::tool {

// Becomes epa-helper, the small program beside this one. Returns the exit status where that is not
// to be had.
int RunHelper(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_HELPER_RUN_HELPER_H_
