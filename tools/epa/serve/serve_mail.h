// `epa serve smtp`, `epa serve imap`, `epa serve pop3`.
#ifndef EPA_TOOLS_EPA_SERVE_SERVE_MAIL_H_
#define EPA_TOOLS_EPA_SERVE_SERVE_MAIL_H_

#include <span>
#include <string>

namespace epa::tool {

int RunServeSmtp(std::span<const std::string> arguments);
int RunServeImap(std::span<const std::string> arguments);
int RunServePop3(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVE_MAIL_H_
