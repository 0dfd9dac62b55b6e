// `epa binding`: prints the channel binding of a certificate or a server.
#ifndef EPA_TOOLS_EPA_BINDING_H_
#define EPA_TOOLS_EPA_BINDING_H_

#include <span>
#include <string>

namespace epa::tool {

// Prints the tls-server-end-point binding of a certificate file or of the certificate that a
// server presents. Returns the exit status.
int RunBinding(std::span<const std::string> arguments);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_BINDING_H_
