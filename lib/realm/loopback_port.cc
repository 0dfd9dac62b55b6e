#include "lib/realm/loopback_port.h"

#include <arpa/inet.h>
#include <sys/socket.h>

namespace epa::tool {

sockaddr_in LoopbackAddress(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

ReservedLoopbackPort::ReservedLoopbackPort()
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int yes = 1;
  sockaddr_in address = LoopbackAddress(0);
  socklen_t length = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (setsockopt(descriptor_.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
      bind(descriptor_.number(), generic, length) == 0 &&
      getsockname(descriptor_.number(), generic, &length) == 0) {
    number_ = ntohs(address.sin_port);
  }
}

bool LoopbackPortAnswers(int port) {
  const FileDescriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = LoopbackAddress(port);
  return connect(client.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
         0;
}

}  // namespace epa::tool
