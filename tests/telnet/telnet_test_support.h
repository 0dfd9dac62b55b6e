// Both ends of a Telnet connection over the fake package, and frames as text.
#ifndef EPA_TESTS_TELNET_TELNET_TEST_SUPPORT_H_
#define EPA_TESTS_TELNET_TELNET_TEST_SUPPORT_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/telnet/client_connection.h"
#include "epa/telnet/server_connection.h"
#include "lib/telnet/authentication_option.h"
#include "lib/telnet/stream.h"
#include "tests/support/fake_package.h"
#include "tests/support/test_data.h"

namespace epa::telnet {

using test::FromHex;
using test::OctetsOf;
using test::ToHex;

// Frames of the login, in the order of [MS-TNAP] 4.1.
inline constexpr std::string_view kDo = "fffd25";
inline constexpr std::string_view kDont = "fffe25";
inline constexpr std::string_view kWill = "fffb25";
inline constexpr std::string_view kWont = "fffc25";
inline constexpr std::string_view kSend = "fffa25010f00fff0";
inline constexpr std::string_view kIsNull = "fffa25000000fff0";
inline constexpr std::string_view kAccept = "fffa25020f0003fff0";
inline constexpr std::string_view kReject = "fffa25020f0004fff0";

inline std::string Frame(const std::vector<uint8_t>& body) {
  return ToHex(EncodeSuboption(kAuthentication, body));
}
inline std::string Is(NtlmCommand command, std::string_view token) {
  return Frame(EncodeNtlmIs(command, OctetsOf(token)));
}
inline std::string Reply(NtlmCommand command, std::string_view token) {
  return Frame(EncodeNtlmReply(command, OctetsOf(token)));
}
inline std::string Negotiate(std::string_view token = "hello") {
  return Is(NtlmCommand::kNegotiate, token);
}
inline std::string Challenge(std::string_view token = "challenge") {
  return Reply(NtlmCommand::kChallenge, token);
}
inline std::string Authenticate(std::string_view token = "login alice") {
  return Is(NtlmCommand::kAuthenticate, token);
}

inline std::string Text(const std::vector<uint8_t>& octets) {
  return {octets.begin(), octets.end()};
}

struct RecordingSink : AuditSink {
  void OnEvent(const AuditEvent& event) override { events.push_back(event); }
  std::vector<AuditEvent> events;
};

inline std::shared_ptr<const ExtendedProtectionPolicy> PolicyOf(ExtendedProtectionOptions options) {
  return std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create(std::move(options)).value());
}

// [MS-TNAP] carries NTLM, so that is what the fake package calls itself.
inline std::shared_ptr<const Credentials> FakeNtlm(test::FakePackageOptions options = {}) {
  options.info.name = "NTLM";
  return test::MakeFakeCredentials(std::move(options));
}

inline ServerOptions FakeServerOptions(test::FakePackageOptions package = {}) {
  ServerOptions options;
  options.credentials = FakeNtlm(std::move(package));
  options.policy = PolicyOf({.mode = ExtendedProtectionMode::kLegacy});
  options.audit = NoAudit();
  return options;
}

// One connection of a server; what it says is hexadecimal.
class TestServer {
 public:
  explicit TestServer(ServerOptions options = FakeServerOptions(),
                      Channel channel = Channel::Plain()) {
    options.audit = sink;
    connection.emplace(ServerConfig::Create(std::move(options)).value(), std::move(channel),
                       "192.0.2.1:1");
    greeting = ToHex(connection->Start());
  }

  ServerOutput Receive(std::string_view hex) { return connection->Receive(FromHex(hex)); }
  std::string Answer(std::string_view hex) { return ToHex(Receive(hex).send); }
  ServerOutput Finish(ServerOutput output) {
    while (output.pending_work != nullptr) {
      output.pending_work->Run();
      output = connection->Resume(std::move(output.pending_work));
    }
    return output;
  }
  // The user who is logged in, or "-".
  std::string User() const {
    const SecurityContext* context = connection->context();
    return context != nullptr ? context->peer().value().account()->user : "-";
  }

  std::shared_ptr<RecordingSink> sink = std::make_shared<RecordingSink>();
  std::optional<ServerConnection> connection;
  std::string greeting;
};

inline ClientOptions FakeClientOptions(test::FakePackageOptions package = {}) {
  ClientOptions options;
  options.credentials = FakeNtlm(std::move(package));
  options.channel = Channel::Plain();
  options.host = "server.example.com";
  options.credential_hosts = {"server.example.com"};
  return options;
}

// One connection of a client; what it says is hexadecimal.
class TestClient {
 public:
  explicit TestClient(ClientOptions options = FakeClientOptions())
      : connection(ClientConnection::Create(std::move(options)).value()) {}

  ClientOutput Receive(std::string_view hex) { return connection->Receive(FromHex(hex)).value(); }
  std::string Answer(std::string_view hex) { return ToHex(Receive(hex).send); }
  Reason RefusalReason() const {
    return connection->refusal().has_value() ? connection->refusal()->reason : Reason::kNone;
  }

  std::unique_ptr<ClientConnection> connection;
};

}  // namespace epa::telnet

#endif  // EPA_TESTS_TELNET_TELNET_TEST_SUPPORT_H_
