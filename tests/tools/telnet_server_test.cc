// The Telnet server's limits of time and number, which the command does not let one set.
#include "tools/epa/telnet_server.h"

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

namespace epa::tool {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr uint8_t kNoOperation[] = {255, 241};

std::unique_ptr<TelnetServer> StartServer(TcpServerOptions tcp) {
  test::FakePackageOptions package;
  package.info.name = "NTLM";
  telnet::ServerOptions settings;
  settings.credentials = test::MakeFakeCredentials(std::move(package));
  settings.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy}).value());
  TelnetServerOptions options;
  options.tcp = std::move(tcp);
  options.config = telnet::ServerConfig::Create(std::move(settings)).value();
  std::unique_ptr<TelnetServer> server = TelnetServer::Create(std::move(options)).value();
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
  const auto server = StartServer({.patience = std::chrono::seconds(1)});
  const Client slow(server->port());
  ASSERT_TRUE(slow.Hears(milliseconds(5000)) && slow.Receive());
  const auto begin = steady_clock::now();
  while (!slow.Hears(milliseconds(20)) && steady_clock::now() - begin < milliseconds(10000)) {
    slow.Send(kNoOperation);
  }
  EXPECT_FALSE(slow.Receive());
  EXPECT_GE(steady_clock::now() - begin, milliseconds(500));
  EXPECT_LT(steady_clock::now() - begin, milliseconds(8000));
}

TEST(TelnetServer, ConnectionsAboveTheLimitWaitForOneToEnd) {
  const auto server = StartServer({.most_connections = 2});
  auto first = std::make_unique<Client>(server->port());
  const Client second(server->port());
  ASSERT_TRUE(first->Hears(milliseconds(5000)));
  ASSERT_TRUE(second.Hears(milliseconds(5000)));
  const Client third(server->port());
  EXPECT_FALSE(third.Hears(milliseconds(200)));
  first.reset();
  EXPECT_TRUE(third.Hears(milliseconds(5000)) && third.Receive());
}

}  // namespace
}  // namespace epa::tool
