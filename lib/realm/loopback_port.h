// Ports for servers that run beside us on this machine.
#ifndef EPA_LIB_REALM_LOOPBACK_PORT_H_
#define EPA_LIB_REALM_LOOPBACK_PORT_H_

#include <netinet/in.h>

#include "lib/base/file_descriptor.h"

namespace epa::tool {

// 127.0.0.1:`port`.
sockaddr_in LoopbackAddress(int port);
// A TCP port of 127.0.0.1 for a server that cannot be asked which one it was given. While this
// object lives, nobody else is given the port; connections are refused until a server listens there
// that sets SO_REUSEADDR, as nearly all do.
class ReservedLoopbackPort {
 public:
  ReservedLoopbackPort();

  // 0 where there is none.
  int number() const { return number_; }

 private:
  FileDescriptor descriptor_;
  int number_ = 0;
};

// Whether something accepts TCP connections there.
bool LoopbackPortAnswers(int port);

}  // namespace epa::tool

#endif  // EPA_LIB_REALM_LOOPBACK_PORT_H_
