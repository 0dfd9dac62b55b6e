// `epa login https`.
#ifndef EPA_TOOLS_EPA_LOGIN_LOGIN_HTTPS_H_
#define EPA_TOOLS_EPA_LOGIN_LOGIN_HTTPS_H_

#include <span>
#include <string>

namespace epa::tool {

// Logs in once and says what came of it. Returns the exit status.
int RunLoginHttps(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_LOGIN_HTTPS_H_
