// `epa login telnet`.
#ifndef EPA_TOOLS_EPA_LOGIN_LOGIN_TELNET_H_
#define EPA_TOOLS_EPA_LOGIN_LOGIN_TELNET_H_

#include <span>
#include <string>

namespace epa::tool {

// Returns the exit status.
int RunLoginTelnet(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_LOGIN_TELNET_H_
