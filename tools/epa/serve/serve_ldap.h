// `epa serve ldap`.
#ifndef EPA_TOOLS_EPA_SERVE_SERVE_LDAP_H_
#define EPA_TOOLS_EPA_SERVE_SERVE_LDAP_H_

#include <span>
#include <string>

namespace epa::tool {

int RunServeLdap(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVE_LDAP_H_
