#include "tools/epa/serve/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"

namespace epa::tool {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);

  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
};

absl::StatusOr<SocketAddress> AddressOf(const HostPort& listen) {
  SocketAddress address;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, listen.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(listen.port);
    std::memcpy(&address.storage, &v4, sizeof(v4));
    address.size = sizeof(v4);
  } else if (inet_pton(AF_INET6, listen.host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(listen.port);
    std::memcpy(&address.storage, &v6, sizeof(v6));
    address.size = sizeof(v6);
  } else {
    return absl::InvalidArgumentError("--listen '" + listen.ToString() + "': '" + listen.host +
                                      "' is no IP address; this machine alone is 127.0.0.1 or "
                                      "[::1], everybody 0.0.0.0 or [::]");
  }
  return address;
}

bool Set(const FileDescriptor& socket, int level, int option) {
  constexpr int kOn = 1;
  return setsockopt(socket.number(), level, option, &kOn, sizeof(kOn)) == 0;
}

// An answer must not wait until the client acknowledged what was sent before it, such as TLS'
// session tickets: clients take 40 ms for that.
bool SendWithoutDelay(const FileDescriptor& socket) {
  return Set(socket, IPPROTO_TCP, TCP_NODELAY);
}

}  // namespace

absl::StatusOr<Listener> Listener::Listen(const HostPort& listen) {
  EPA_ASSIGN_OR_RETURN(SocketAddress address, AddressOf(listen));
  FileDescriptor made(
      socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made.valid() || !Set(made, SOL_SOCKET, SO_REUSEADDR) || !SendWithoutDelay(made) ||
      bind(made.number(), address.generic(), address.size) != 0 ||
      ::listen(made.number(), SOMAXCONN) != 0) {
    return absl::InvalidArgumentError("cannot listen on " + listen.ToString() + ": " +
                                      std::strerror(errno));
  }
  return Listener(std::move(made), false);
}

absl::StatusOr<Listener> Listener::Listen(const LocalSocketOptions& options) {
  EPA_ASSIGN_OR_RETURN(FileDescriptor made, ListenLocally(options));
  Listener listener(std::move(made), false);
  listener.made_path_ = options.path;
  return listener;
}

absl::StatusOr<Listener> Listener::Inherit(int descriptor) {
  FileDescriptor inherited(descriptor);
  int listening = 0;
  socklen_t size = sizeof(listening);
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
      listening != 1 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
      fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
    return absl::InvalidArgumentError("the socket that was passed on does not listen");
  }
  SendWithoutDelay(inherited);  // fails where a local socket has no delay
  return Listener(std::move(inherited), true);
}

HostPort Listener::address() const {
  SocketAddress address;
  getsockname(descriptor(), address.generic(), &address.size);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getnameinfo(address.generic(), address.size, host.data(), host.size(), port.data(),
                  port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {"local", 0};
  }
  return {host.data(), static_cast<uint16_t>(std::stoi(port.data()))};
}

std::string Listener::name() const {
  SocketAddress address;
  getsockname(descriptor(), address.generic(), &address.size);
  if (address.storage.ss_family != AF_UNIX) {
    return this->address().ToString();
  }
  sockaddr_un local{};
  std::memcpy(&local, &address.storage, sizeof(local));
  return std::string("unix:") + local.sun_path;
}

void Listener::Refuse() {
  if (!inherited_) {
    shutdown(descriptor(), SHUT_RDWR);
  }
  if (!made_path_.empty()) {
    RemoveDeadSocket(made_path_);
  }
}

}  // namespace epa::tool
