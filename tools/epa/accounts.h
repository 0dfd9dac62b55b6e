// `epa accounts test`: what a login with this password would get, and why.
#ifndef EPA_TOOLS_EPA_ACCOUNTS_H_
#define EPA_TOOLS_EPA_ACCOUNTS_H_

#include <span>
#include <string>

namespace epa::tool {

int RunAccountsTest(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_ACCOUNTS_H_
