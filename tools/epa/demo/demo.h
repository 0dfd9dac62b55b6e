// `epa demo`.
#ifndef EPA_TOOLS_EPA_DEMO_DEMO_H_
#define EPA_TOOLS_EPA_DEMO_DEMO_H_

#include <span>
#include <string>

namespace epa::tool {

// Shows extended protection at work on this machine. Returns the exit status: kExitDone only if
// every login ended as published.
int RunDemo(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_DEMO_H_
