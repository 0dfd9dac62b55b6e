// Where a connection comes from.
#ifndef EPA_TOOLS_EPA_SERVE_PEER_ADDRESS_H_
#define EPA_TOOLS_EPA_SERVE_PEER_ADDRESS_H_

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>

namespace epa::tool {

class PeerAddress {
 public:
  // Whoever holds one of its addresses is taken to hold all: an IPv4 address, an IPv6 /64.
  using Network = std::array<uint8_t, 16>;

  // What accept(2) said. IPv4 in IPv6 is IPv4.
  explicit PeerAddress(const sockaddr_storage& address);

  const Network& network() const { return network_; }
  // "192.0.2.1:50432", "[2001:db8::1]:50432"; "local" for anything else.
  std::string ToString() const;

 private:
  sa_family_t family_ = AF_UNSPEC;
  std::array<uint8_t, 16> octets_{};
  Network network_{};
  uint16_t port_ = 0;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_PEER_ADDRESS_H_
