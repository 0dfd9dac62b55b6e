#include "tests/smb2/smb2_pair.h"

#include <deque>
#include <utility>

#include "epa/negotiate/negotiate.h"
#include "lib/base/byte_writer.h"
#include "lib/base/utf16.h"
#include "lib/smb2/messages/short_messages.h"

namespace epa::smb2 {
namespace {

class EverybodyIsAGuest : public ntlm::NtlmAuthority {
 public:
  absl::StatusOr<ntlm::LogonVerdict> Verify(const ntlm::LogonRequest&) const override {
    return ntlm::LogonVerdict::Guest();
  }
};

std::vector<Octets> MessagesOf(std::span<const uint8_t> frames) {
  FrameReader reader;
  reader.Append(frames);
  std::vector<Octets> messages;
  for (auto next = reader.Next(frames.size()).value(); next.has_value();
       next = reader.Next(frames.size()).value()) {
    messages.emplace_back(next->begin(), next->end());
  }
  return messages;
}

}  // namespace

std::shared_ptr<const Credentials> ServerCredentials(
    std::shared_ptr<const ntlm::NtlmAuthority> authority) {
  ntlm::AcceptorOptions options;
  options.authority = authority != nullptr ? std::move(authority) : test::TestAuthority();
  options.names.netbios_computer = "FILES";
  return negotiate::CreateAcceptorCredentials(
             {ntlm::CreateAcceptorCredentials(std::move(options)).value()})
      .value();
}

std::shared_ptr<const Credentials> ClientCredentials(ntlm::InitiatorOptions options) {
  if (options.user.empty() && !options.anonymous) {
    options.user = "alice";
    options.domain = "EXAMPLE";
    options.password = SecretBytes::FromText("secret-alice");
  }
  return negotiate::CreateInitiatorCredentials(
             {ntlm::CreateInitiatorCredentials(std::move(options)).value()})
      .value();
}

std::shared_ptr<const Credentials> CredentialsWithWrongPassword() {
  ntlm::InitiatorOptions options;
  options.user = "alice";
  options.domain = "EXAMPLE";
  options.password = SecretBytes::FromText("wrong");
  return ClientCredentials(std::move(options));
}

std::shared_ptr<const Credentials> AnonymousCredentials() {
  ntlm::InitiatorOptions options;
  options.anonymous = true;
  return ClientCredentials(std::move(options));
}

std::shared_ptr<const ntlm::NtlmAuthority> GuestAuthority() {
  return std::make_shared<EverybodyIsAGuest>();
}

ServerNames TestNames() {
  ServerNames names;
  names.own_names = {"FILES", "files.example.com", "EXAMPLE", "example.com"};
  names.configured_names = {"SHARE"};
  names.addresses = {"192.0.2.7", "2001:db8::7"};
  return names;
}

std::shared_ptr<const ExtendedProtectionPolicy> TestPolicy(NameHardeningOptions options) {
  options.names = TestNames();
  return std::make_shared<const ExtendedProtectionPolicy>(
      CreateNameHardeningPolicy(std::move(options)).value());
}

ServerOptions DefaultServer() {
  ServerOptions options;
  options.credentials = ServerCredentials();
  options.policy = TestPolicy({.level = 1});
  options.audit = NoAudit();
  options.names = TestNames();
  return options;
}

ClientOptions DefaultClient() {
  ClientOptions options;
  options.credentials = ClientCredentials();
  options.parameters.target_name = "cifs/files.example.com";
  options.server_name = "files.example.com";
  options.user_name = "alice";
  return options;
}

ServerOptions OpenServer() {
  ServerOptions options = DefaultServer();
  options.policy = TestPolicy({.level = 0, .allow_guest = true, .allow_anonymous = true});
  options.require_signing = false;
  return options;
}

Pair::Pair(ClientOptions client, ServerOptions server)
    : server_audit(std::make_shared<test::RecordingAuditSink>()),
      client_audit(std::make_shared<test::RecordingAuditSink>()),
      client_([&] {
        client.audit = client_audit;
        return ClientConnection::Create(std::move(client)).value();
      }()),
      server_(
          [&] {
            server.audit = server_audit;
            return ServerConfig::Create(std::move(server)).value();
          }(),
          "192.0.2.1:50432") {}

void Pair::LogIn() { Deliver(client_->Start()); }

bool Pair::Request(Command command, std::span<const uint8_t> body, uint32_t tree_id) {
  const auto frame = client_->SendRequest(command, tree_id, body);
  if (!frame.ok()) {
    return false;
  }
  Deliver(*frame);
  return true;
}

bool Pair::ConnectTree() { return Request(Command::kTreeConnect, TreeConnectBody(), 0); }

bool Pair::LogOff() {
  const auto frame = client_->LogOff();
  if (!frame.ok()) {
    return false;
  }
  Deliver(*frame);
  return true;
}

void Pair::Deliver(std::span<const uint8_t> frames) {
  for (Octets& message : MessagesOf(frames)) {
    if (to_server) {
      to_server(message);
    }
    ServerTakes(std::move(message));
  }
}

void Pair::ServerTakes(Octets message) {
  if (server_closed) {
    return;
  }
  sent_to_server.push_back(message);
  ServerOutput output = server_.OnMessage(message);
  while (output.pending_work != nullptr) {
    output.pending_work->Run();
    output = server_.Resume(std::move(output.pending_work));
  }
  Octets out = std::move(output.send);
  for (const ServerRequest& request : output.requests) {
    Answer(request, out);
  }
  ended_sessions.insert(ended_sessions.end(), output.ended_sessions.begin(),
                        output.ended_sessions.end());
  if (output.close) {
    server_closed = true;
    server_reason = output.reason;
  }
  for (Octets& answer : MessagesOf(out)) {
    if (to_client) {
      to_client(answer);
    }
    ClientTakes(std::move(answer));
  }
}

void Pair::ClientTakes(Octets message) {
  if (client_closed) {
    return;
  }
  sent_to_client.push_back(message);
  ClientOutput output = client_->OnMessage(message).value();
  for (const ClientResponse& response : output.responses) {
    responses.push_back(response.header);
    response_bodies.emplace_back(response.body.begin(), response.body.end());
  }
  client_closed = output.close;
  Deliver(output.send);
}

void Pair::Answer(const ServerRequest& request, Octets& out) {
  requests.push_back(request.header);
  request_bodies.emplace_back(request.body.begin(), request.body.end());
  ServerResponse response;
  static constexpr std::array<uint8_t, 16> kTreeConnected = {16, 0, 1};  // 2.2.10: a disk
  if (request.header.command == Command::kTreeConnect) {
    response.body = kTreeConnected;
    response.tree_id = 1;
  } else if (request.header.command == Command::kRead) {
    response.body = request.body;  // an echo
  } else {
    response.status = kStatusNotSupported;
  }
  server_.Respond(request, response, out);
}

Octets TreeConnectBody() {
  const auto path = Utf8ToUtf16Le("\\\\FILES\\share").value();
  ByteWriter writer;  // [MS-SMB2] 2.2.9
  writer.WriteU16(9);
  writer.WriteU16(0);
  writer.WriteU16(kHeaderSize + 8);
  writer.WriteU16(static_cast<uint16_t>(path.size()));
  writer.WriteBytes(path);
  return std::move(writer).Take();
}

}  // namespace epa::smb2
