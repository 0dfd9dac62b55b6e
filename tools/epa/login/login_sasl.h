// `epa login smtp`, `epa login imap`, `epa login pop3`, `epa login ldap`.
#ifndef EPA_TOOLS_EPA_LOGIN_LOGIN_SASL_H_
#define EPA_TOOLS_EPA_LOGIN_LOGIN_SASL_H_

#include <span>
#include <string>

namespace epa::tool {

int RunLoginSmtp(std::span<const std::string> arguments);
int RunLoginImap(std::span<const std::string> arguments);
int RunLoginPop3(std::span<const std::string> arguments);
int RunLoginLdap(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_LOGIN_SASL_H_
