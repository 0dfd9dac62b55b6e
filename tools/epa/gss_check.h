// `epa gss check`.
#ifndef EPA_TOOLS_EPA_GSS_CHECK_H_
#define EPA_TOOLS_EPA_GSS_CHECK_H_

#include <span>
#include <string>

namespace epa::tool {

int RunGssCheck(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_GSS_CHECK_H_
