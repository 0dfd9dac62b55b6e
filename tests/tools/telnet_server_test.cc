// The Telnet server's limit of time for a login.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <utility>

#include "tests/support/fake_package.h"
#include "tests/tools/loopback_client.h"
#include "tools/epa/serve/tcp_server.h"
#include "tools/epa/serve/telnet_site.h"

namespace epa::tool {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kLoginTime(1);
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

TEST(TelnetServer, AClientThatDripsItsOctetsHasNoMoreTimeForTheLoginThanOthers) {
  const auto server = StartServer({.times = {.login = kLoginTime}});
  const auto begin = steady_clock::now();
  const LoopbackClient slow(server->port());
  ASSERT_FALSE(slow.Receive().empty());
  while (!slow.Hears(milliseconds(20)) && steady_clock::now() - begin < kLongest) {
    slow.Send(kNoOperation);
  }
  const auto end = steady_clock::now();
  EXPECT_GE(end - begin, kLoginTime);
  EXPECT_TRUE(slow.EndsWithin(kLongest));
}

}  // namespace
}  // namespace epa::tool
