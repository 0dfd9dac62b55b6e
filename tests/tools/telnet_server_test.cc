// The Telnet server's limits of time and number, which the command does not let one set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <utility>

#include "tests/support/fake_package.h"
#include "tools/epa/serve/tcp_server.h"
#include "tools/epa/serve/telnet_site.h"

namespace epa::tool {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kLoginTime(1);
// Reached only by a server that does not do what is waited for; far enough for a busy machine.
constexpr std::chrono::seconds kLongest(20);
constexpr uint8_t kNoOperation[] = {255, 241};

std::unique_ptr<TcpServer> StartServer(TcpServerOptions options) {
  test::FakePackageOptions package;
  package.info.name = "NTLM";
  telnet::ServerOptions settings;
  settings.credentials = test::MakeFakeCredentials(std::move(package));
  settings.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy}).value());
  settings.audit = NoAudit();
  auto site = TelnetSite::Create({}, telnet::ServerConfig::Create(std::move(settings)).value());
  auto server = TcpServer::Create(std::move(options), *std::move(site)).value();
  server->Start();
  return server;
}

class Client {
 public:
  explicit Client(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Whether the server says something, or ends the connection, in this time.
  bool Hears(milliseconds wait) const {
    pollfd event{socket_, POLLIN, 0};
    return poll(&event, 1, static_cast<int>(wait.count())) == 1;
  }
  // Takes what there is. False at the end of the connection.
  bool Receive() const {
    uint8_t buffer[64];
    return recv(socket_, buffer, sizeof(buffer), 0) > 0;
  }
  void Send(std::span<const uint8_t> octets) const {
    send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
  }

 private:
  int socket_;
};

TEST(TelnetServer, AClientThatDripsItsOctetsHasNoMoreTimeForTheLoginThanOthers) {
  const auto server = StartServer({.times = {.login = kLoginTime}});
  const auto begin = steady_clock::now();
  const Client slow(server->port());
  ASSERT_TRUE(slow.Hears(kLongest) && slow.Receive());
  while (!slow.Hears(milliseconds(20)) && steady_clock::now() - begin < kLongest) {
    slow.Send(kNoOperation);
  }
  const auto end = steady_clock::now();
  EXPECT_GE(end - begin, kLoginTime);
  ASSERT_LT(end - begin, kLongest);
  EXPECT_FALSE(slow.Receive());
}

}  // namespace
}  // namespace epa::tool
