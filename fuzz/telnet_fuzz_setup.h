// Both ends of a Telnet connection for fuzzers, over the fake package.
#ifndef EPA_FUZZ_TELNET_FUZZ_SETUP_H_
#define EPA_FUZZ_TELNET_FUZZ_SETUP_H_

#include <memory>

#include "epa/telnet/client_connection.h"
#include "epa/telnet/server_connection.h"

namespace epa::fuzz {

// Ends the process where a promise is broken.
void Require(bool condition);

telnet::ServerConnection NewTelnetServer();
std::unique_ptr<telnet::ClientConnection> NewTelnetClient(bool server_is_trusted);

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_TELNET_FUZZ_SETUP_H_
