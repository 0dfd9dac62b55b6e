// The socket on which a server waits for connections.
#ifndef EPA_TOOLS_EPA_SERVE_LISTENER_H_
#define EPA_TOOLS_EPA_SERVE_LISTENER_H_

#include "absl/status/statusor.h"
#include "lib/base/file_descriptor.h"
#include "tools/epa/common/address.h"

namespace epa::tool {

// What is to be set on the sockets of connections is set here, once: they inherit it (tcp(7)).
// Neither they nor the listener block.
class Listener {
 public:
  // Port 0 is any free one.
  static absl::StatusOr<Listener> Listen(const HostPort& address);
  // Takes a listening socket that somebody else made, by socket activation for instance.
  static absl::StatusOr<Listener> Inherit(int descriptor);

  int descriptor() const { return socket_.number(); }
  // The address in use.
  HostPort address() const;
  // Who connects from now on is refused; at an inherited socket, waits for whoever serves it next.
  void Refuse();

 private:
  Listener(FileDescriptor socket, bool inherited)
      : socket_(std::move(socket)), inherited_(inherited) {}

  FileDescriptor socket_;
  bool inherited_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_LISTENER_H_
