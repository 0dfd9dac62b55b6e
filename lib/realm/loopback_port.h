// Ports for servers that run beside us on this machine.
#ifndef EPA_LIB_REALM_LOOPBACK_PORT_H_
#define EPA_LIB_REALM_LOOPBACK_PORT_H_

#include <netinet/in.h>

#include <cstdint>

namespace epa::tool {

// 127.0.0.1:`port`.
sockaddr_in LoopbackAddress(int port);
// A port that was free a moment ago, for UDP and TCP alike; 0 where there is none.
int FreeLoopbackPort();
// Whether something accepts TCP connections there.
bool LoopbackPortAnswers(int port);

}  // namespace epa::tool

#endif  // EPA_LIB_REALM_LOOPBACK_PORT_H_
