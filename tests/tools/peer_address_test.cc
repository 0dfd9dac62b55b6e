#include "tools/epa/serve/peer_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

namespace epa::tool {
namespace {

PeerAddress Address(const std::string& text, uint16_t port = 50432) {
  sockaddr_storage storage{};
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&storage, &v4, sizeof(v4));
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&storage, &v6, sizeof(v6));
  }
  return PeerAddress(storage);
}

TEST(PeerAddress, Text) {
  EXPECT_EQ(Address("192.0.2.1").ToString(), "192.0.2.1:50432");
  EXPECT_EQ(Address("2001:db8::1").ToString(), "[2001:db8::1]:50432");
  EXPECT_EQ(Address("::ffff:192.0.2.1").ToString(), "192.0.2.1:50432");
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  EXPECT_EQ(PeerAddress(local).ToString(), "local");
}

TEST(PeerAddress, WhoCountsAsOne) {
  EXPECT_EQ(Address("192.0.2.1", 1).network(), Address("192.0.2.1", 2).network());
  EXPECT_EQ(Address("192.0.2.1").network(), Address("::ffff:192.0.2.1").network());
  EXPECT_NE(Address("192.0.2.1").network(), Address("192.0.2.2").network());
  EXPECT_EQ(Address("2001:db8::1").network(), Address("2001:db8::ffff:2").network());
  EXPECT_NE(Address("2001:db8::1").network(), Address("2001:db8:0:1::1").network());
  EXPECT_NE(Address("fe80::1").network(), Address("fe80::2").network());
}

}  // namespace
}  // namespace epa::tool
