// Both ends with real NTLM: in memory, cut anywhere, and through TCP; and real Windows messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <thread>

#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/telnet/telnet_test_support.h"

namespace epa::telnet {
namespace {

constexpr std::string_view kTargetName = "TELNET/server.example.com";

struct LoginSetup {
  ExtendedProtectionMode mode = ExtendedProtectionMode::kRequire;
  Channel server_channel = Channel::Plain();
  Channel client_channel = Channel::Plain();
  std::string password = "secret-alice";
  std::string target_name = std::string(kTargetName);
  BindingRequest binding = BindingRequest::kFromChannel;
  std::shared_ptr<ntlm::ReflectionGuard> guard;
};

ServerOptions NtlmServer(const LoginSetup& setup) {
  ntlm::AcceptorOptions acceptor;
  acceptor.authority = test::TestAuthority();
  acceptor.reflection_guard = setup.guard;
  ServerOptions options;
  options.credentials = ntlm::CreateAcceptorCredentials(std::move(acceptor)).value();
  options.policy = PolicyOf(
      {.mode = setup.mode,
       .accepted_names = AcceptedServiceNames::Create({std::string(kTargetName)}).value()});
  options.audit = NoAudit();
  return options;
}

ClientOptions NtlmClient(const LoginSetup& setup) {
  ntlm::InitiatorOptions initiator;
  initiator.user = "EXAMPLE\\alice";
  initiator.password = SecretBytes::FromText(setup.password);
  initiator.reflection_guard = setup.guard;
  ClientOptions options;
  options.credentials = ntlm::CreateInitiatorCredentials(std::move(initiator)).value();
  options.channel = setup.client_channel;
  options.parameters.target_name = setup.target_name;
  options.parameters.binding = setup.binding;
  options.host = "server.example.com";
  options.credential_hosts = {"server.example.com"};
  return options;
}

class Exchange {
 public:
  explicit Exchange(const LoginSetup& setup)
      : server(NtlmServer(setup), setup.server_channel), client(NtlmClient(setup)) {}

  // Until both are silent, in pieces of `piece` octets.
  void Run(size_t piece = SIZE_MAX) {
    std::vector<uint8_t> to_client = FromHex(server.greeting);
    while (!to_client.empty()) {
      const std::vector<uint8_t> to_server = Deliver(to_client, piece, [this](auto octets) {
        return client.connection->Receive(octets).value().send;
      });
      to_client = Deliver(to_server, piece, [this](auto octets) {
        return server.Finish(server.connection->Receive(octets)).send;
      });
    }
  }

  TestServer server;
  TestClient client;

 private:
  template <typename Receive>
  static std::vector<uint8_t> Deliver(std::span<const uint8_t> octets, size_t piece,
                                      const Receive& receive) {
    std::vector<uint8_t> answer;
    while (!octets.empty()) {
      const auto sent = receive(octets.first(std::min(piece, octets.size())));
      answer.insert(answer.end(), sent.begin(), sent.end());
      octets = octets.subspan(std::min(piece, octets.size()));
    }
    return answer;
  }
};

void ExpectLoggedIn(const Exchange& exchange) {
  EXPECT_EQ(exchange.server.User(), "alice");
  EXPECT_TRUE(exchange.client.connection->logged_in());
}

void ExpectRefused(const Exchange& exchange, Reason reason) {
  EXPECT_EQ(exchange.server.User(), "-");
  EXPECT_FALSE(exchange.client.connection->logged_in());
  EXPECT_EQ(exchange.client.RefusalReason(), Reason::kRefusedByPeer);
  ASSERT_EQ(exchange.server.sink->events.size(), 1u);
  EXPECT_EQ(exchange.server.sink->events[0].reason, reason);
}

TEST(TelnetExchange, LogsInWithTheRightName) {
  Exchange exchange({});
  exchange.Run();
  ExpectLoggedIn(exchange);
  const AuditEvent& event = exchange.server.sink->events.at(0);
  EXPECT_EQ(event.reason, Reason::kServiceNameMatched);
  EXPECT_EQ(event.target_name, kTargetName);
  EXPECT_EQ(event.binding, BindingEvidence::kExplicitNone);
  EXPECT_EQ(event.package, "NTLM");
}

TEST(TelnetExchange, CutIntoPiecesOfEverySize) {
  for (const size_t piece : {1u, 2u, 3u, 7u, 64u, 100u}) {
    Exchange exchange({});
    exchange.Run(piece);
    ExpectLoggedIn(exchange);
  }
}

TEST(TelnetExchange, OftenEnoughForEveryDoubling) {
  // Challenges, proofs and times are random: some hold 255, at any place.
  for (int i = 0; i < 200; ++i) {
    Exchange exchange({});
    exchange.Run();
    ExpectLoggedIn(exchange);
  }
}

TEST(TelnetExchange, WrongPassword) {
  Exchange exchange({.password = "wrong"});
  exchange.Run();
  ExpectRefused(exchange, Reason::kWrongPassword);
}

TEST(TelnetExchange, ARelayedLoginNamesAnotherServer) {
  Exchange exchange(
      {.mode = ExtendedProtectionMode::kAllow, .target_name = "TELNET/attacker.example.net"});
  exchange.Run();
  ExpectRefused(exchange, Reason::kServiceNameMismatch);
}

TEST(TelnetExchange, AnOldClientInModes1And2) {
  Exchange allowed({.mode = ExtendedProtectionMode::kAllow, .binding = BindingRequest::kOmit});
  allowed.Run();
  ExpectLoggedIn(allowed);
  Exchange required({.binding = BindingRequest::kOmit});
  required.Run();
  ExpectRefused(required, Reason::kServiceNameMissing);
}

TEST(TelnetExchange, OverTlsTheChannelIsBound) {
  const Channel ours = Channel::Tls(test::Bindings(1));
  Exchange bound({.server_channel = ours, .client_channel = ours});
  bound.Run();
  ExpectLoggedIn(bound);
  Exchange relayed({.mode = ExtendedProtectionMode::kAllow,
                    .server_channel = ours,
                    .client_channel = Channel::Tls(test::Bindings(2))});
  relayed.Run();
  ExpectRefused(relayed, Reason::kBindingMismatch);
}

TEST(TelnetExchange, Cve20091930ALoginReflectedToItsOwnMachineIsRefused) {
  // A victim's client is lured to an attacker, who shows it the challenge of the victim's own
  // Telnet server. Both of the victim's sides share what they know of challenges.
  const LoginSetup victim{.mode = ExtendedProtectionMode::kLegacy,
                          .guard = std::make_shared<ntlm::ReflectionGuard>()};
  Exchange exchange(victim);
  exchange.Run();
  EXPECT_EQ(exchange.client.RefusalReason(), Reason::kReflectedChallenge);
  EXPECT_EQ(exchange.server.User(), "-");
}

TEST(TelnetExchange, Cve20091930WithoutAGuardTheNameTheVictimMeantStopsIt) {
  for (const auto mode : {ExtendedProtectionMode::kAllow, ExtendedProtectionMode::kRequire}) {
    Exchange exchange({.mode = mode, .target_name = "TELNET/attacker.example.net"});
    exchange.Run();
    ExpectRefused(exchange, Reason::kServiceNameMismatch);
  }
}

TEST(TelnetExchange, MessagesThatAreNotNtlmsAreRejected) {
  int tried = 0;
  const nlohmann::json vectors = test::ReadTestJson("telnet/telnet_tnap.json");
  for (const nlohmann::json& entry : vectors["entries"]) {
    if (entry["expected"].value("reason", "") != "NTLM message does not fit the command") {
      continue;
    }
    SCOPED_TRACE(entry["name"].get<std::string>());
    TestServer server(NtlmServer({}));
    server.Receive(kWill);
    const ServerOutput output = server.Receive(entry["frame"].get<std::string>());
    EXPECT_EQ(ToHex(output.send), kReject);
    EXPECT_TRUE(output.close);
    ++tried;
  }
  EXPECT_EQ(tried, 3);
}

TEST(TelnetExchange, RealWindowsMessages) {
  int tried = 0;
  const nlohmann::json vectors = test::ReadTestJson("telnet/telnet_tnap.json");
  for (const nlohmann::json& entry : vectors["entries"]) {
    const std::string name = entry["name"];
    const std::string frame = entry["frame"];
    if (name.ends_with("-negotiate") && entry["expected"]["valid"]) {
      TestServer server(NtlmServer({}));
      server.Receive(kWill);
      EXPECT_TRUE(server.Answer(frame).starts_with("fffa25020f0001")) << name;
      ++tried;
    } else if (name.ends_with("-challenge") && entry["expected"]["valid"]) {
      TestClient client(NtlmClient({}));
      client.Receive(std::string(kDo) + std::string(kSend));
      EXPECT_TRUE(client.Answer(frame).starts_with("fffa25000f0002")) << name;
      ++tried;
    }
  }
  EXPECT_EQ(tried, 4);
}

// A connected pair of TCP sockets on the loopback interface.
class TcpPair {
 public:
  TcpPair() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener, generic, size), 0);
    EXPECT_EQ(listen(listener, 1), 0);
    EXPECT_EQ(getsockname(listener, generic, &size), 0);
    client = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(client, generic, size), 0);
    server = accept(listener, nullptr, nullptr);
    close(listener);
  }
  ~TcpPair() {
    close(client);
    close(server);
  }
  TcpPair(const TcpPair&) = delete;
  TcpPair& operator=(const TcpPair&) = delete;

  int client = -1;
  int server = -1;
};

bool SendAll(int socket, std::span<const uint8_t> octets) {
  return send(socket, octets.data(), octets.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(octets.size());
}

// Serves one client until it logs in and says something.
std::string ServeOne(int socket) {
  TestServer server(NtlmServer({}));
  EXPECT_TRUE(SendAll(socket, FromHex(server.greeting)));
  std::array<uint8_t, 512> buffer{};
  std::string said;
  while (!said.ends_with("\n")) {
    const ssize_t size = recv(socket, buffer.data(), buffer.size(), 0);
    if (size <= 0) {
      break;
    }
    const ServerOutput output = server.Finish(
        server.connection->Receive(std::span(buffer).first(static_cast<size_t>(size))));
    EXPECT_TRUE(SendAll(socket, output.send));
    said += Text(output.data);
  }
  return server.User() + ": " + said;
}

TEST(TelnetExchange, ThroughTcp) {
  const TcpPair tcp;
  std::string served;
  std::thread server([&tcp, &served] { served = ServeOne(tcp.server); });
  TestClient client(NtlmClient({}));
  std::array<uint8_t, 512> buffer{};
  while (!client.connection->logged_in()) {
    const ssize_t size = recv(tcp.client, buffer.data(), buffer.size(), 0);
    ASSERT_GT(size, 0);
    ASSERT_OK_AND_ASSIGN(
        const ClientOutput output,
        client.connection->Receive(std::span(buffer).first(static_cast<size_t>(size))));
    ASSERT_TRUE(SendAll(tcp.client, output.send));
  }
  EXPECT_TRUE(SendAll(tcp.client, EscapeData(OctetsOf("who\xff"
                                                      "ami\r\n"))));
  server.join();
  EXPECT_EQ(served,
            "alice: who\xff"
            "ami\r\n");
}

}  // namespace
}  // namespace epa::telnet
