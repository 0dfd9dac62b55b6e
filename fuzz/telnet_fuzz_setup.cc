#include "fuzz/telnet_fuzz_setup.h"

#include <utility>

#include "epa/telnet/server_connection.h"
#include "tests/support/fake_package.h"

namespace epa::fuzz {
namespace {

std::shared_ptr<const Credentials> FakeNtlm() {
  test::FakePackageOptions options;
  options.info.name = "NTLM";
  return test::MakeFakeCredentials(std::move(options));
}

std::shared_ptr<const telnet::ServerConfig> MakeServerConfig() {
  telnet::ServerOptions options;
  options.credentials = FakeNtlm();
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy}).value());
  options.audit = NoAudit();
  options.options.remote = {telnet::kSuppressGoAhead, telnet::kWindowSize};
  options.max_suboption = 1024;
  return telnet::ServerConfig::Create(std::move(options)).value();
}

void Take(telnet::ServerConnection& server, std::span<const uint8_t> octets, Served& served) {
  const auto append = [](const std::vector<uint8_t>& from, std::vector<uint8_t>& to) {
    to.insert(to.end(), from.begin(), from.end());
  };
  const bool before = server.context() != nullptr;
  telnet::ServerOutput output = server.Receive(octets);
  while (output.pending_work != nullptr) {
    append(output.send, served.sent);
    output.pending_work->Run();
    output = server.Resume(std::move(output.pending_work));
  }
  Require(output.data.empty() || before || server.context() != nullptr || output.close);
  Require(!output.close || server.context() == nullptr);
  append(output.send, served.sent);
  append(output.data, served.data);
  served.closed = output.close;
}

}  // namespace

Served ServeTelnet(std::span<const uint8_t> first, std::span<const uint8_t> second) {
  static const auto config = MakeServerConfig();
  telnet::ServerConnection server(config, Channel::Plain(), "fuzzer");
  server.Start();
  Served served;
  Take(server, first, served);
  Take(server, second, served);
  return served;
}

std::unique_ptr<telnet::ClientConnection> NewTelnetClient(bool server_is_trusted) {
  static const auto credentials = FakeNtlm();
  telnet::ClientOptions options;
  options.credentials = credentials;
  options.channel = Channel::Plain();
  options.host = "server.example.com";
  if (server_is_trusted) {
    options.credential_hosts = {options.host};
  }
  options.max_suboption = 1024;
  return telnet::ClientConnection::Create(std::move(options)).value();
}

}  // namespace epa::fuzz
