#include "tools/epa/serve/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace epa::tool {
namespace {

constexpr size_t kMappedPrefix = 12;  // ::ffff:0:0/96, RFC 4291 2.5.5.2
constexpr size_t kInterfaceId = 8;    // RFC 4291 2.5.4

}  // namespace

PeerAddress::PeerAddress(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    family_ = AF_INET;
    port_ = ntohs(v4.sin_port);
    std::memcpy(octets_.data(), &v4.sin_addr, sizeof(v4.sin_addr));
    network_ = octets_;
  } else if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof(v6));
    family_ = AF_INET6;
    port_ = ntohs(v6.sin6_port);
    std::memcpy(octets_.data(), &v6.sin6_addr, octets_.size());
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      family_ = AF_INET;
      std::copy(octets_.begin() + kMappedPrefix, octets_.end(), octets_.begin());
      std::fill(octets_.begin() + sizeof(in_addr), octets_.end(), uint8_t{0});
      network_ = octets_;
    } else if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)) {
      network_ = octets_;  // all of them share the /64
    } else {
      std::copy_n(octets_.begin(), kInterfaceId, network_.begin());
    }
  }
}

std::string PeerAddress::ToString() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family_ == AF_UNSPEC ||
      inet_ntop(family_, octets_.data(), text.data(), text.size()) == nullptr) {
    return "local";
  }
  const std::string host(text.data());
  return (family_ == AF_INET6 ? "[" + host + "]" : host) + ":" + std::to_string(port_);
}

}  // namespace epa::tool
