// The socket on which a server waits for connections.
#ifndef EPA_TOOLS_EPA_SERVE_LISTENER_H_
#define EPA_TOOLS_EPA_SERVE_LISTENER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "lib/base/file_descriptor.h"
#include "tools/epa/common/address.h"
#include "tools/epa/serve/local_socket.h"

namespace epa::tool {

// What is to be set on the sockets of connections is set here, once: they inherit it (tcp(7)).
// Neither they nor the listener block.
class Listener {
 public:
  // Port 0 is any free one.
  static absl::StatusOr<Listener> Listen(const HostPort& address);
  static absl::StatusOr<Listener> Listen(const LocalSocketOptions& options);
  // Takes a listening socket that somebody else made, by socket activation for instance.
  static absl::StatusOr<Listener> Inherit(int descriptor);

  int descriptor() const { return socket_.number(); }
  // The address in use.
  HostPort address() const;
  // The same as people say it: "127.0.0.1:8443", "unix:/run/epa/helper.sock".
  std::string name() const;
  // Of this machine alone: a socket in the file system.
  bool local() const { return name().starts_with("unix:"); }
  // Who connects from now on is refused; at an inherited socket, waits for whoever serves it next.
  void Refuse();

 private:
  Listener(FileDescriptor socket, bool inherited)
      : socket_(std::move(socket)), inherited_(inherited) {}

  FileDescriptor socket_;
  bool inherited_;
  std::string made_path_;  // of a socket that was made in the file system
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_LISTENER_H_
