#include "fuzz/telnet_fuzz_setup.h"

#include <cstdlib>
#include <utility>

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
  options.options.remote = {telnet::kSuppressGoAhead, telnet::kWindowSize};
  options.max_suboption = 1024;
  return telnet::ServerConfig::Create(std::move(options)).value();
}

}  // namespace

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

telnet::ServerConnection NewTelnetServer() {
  static const auto config = MakeServerConfig();
  return {config, Channel::Plain(), "fuzzer"};
}

std::unique_ptr<telnet::ClientConnection> NewTelnetClient(bool server_is_trusted) {
  static const auto credentials = FakeNtlm();
  telnet::ClientOptions options;
  options.credentials = credentials;
  options.host = "server.example.com";
  if (server_is_trusted) {
    options.credential_hosts = {options.host};
  }
  options.max_suboption = 1024;
  return telnet::ClientConnection::Create(std::move(options)).value();
}

}  // namespace epa::fuzz
