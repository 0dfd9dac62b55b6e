#include "fuzz/smb2_fuzz_setup.h"

#include <array>
#include <optional>
#include <utility>

#include "epa/smb2/framing.h"
#include "lib/base/byte_reader.h"
#include "lib/smb2/message_cipher.h"
#include "tests/support/fake_package.h"
#include "tests/support/fixed_random.h"

namespace epa::fuzz {
namespace {

// The same input, the same run: session ids and salts begin anew with every input.
const RandomSource& NewRandom() {
  static auto& random = *new std::optional<test::FixedRandom>();
  return random.emplace();
}

constexpr std::array kDialects = {smb2::Dialect::k202, smb2::Dialect::k210, smb2::Dialect::k300,
                                  smb2::Dialect::k302, smb2::Dialect::k311};

std::vector<uint8_t> WithoutFrame(std::vector<uint8_t> frame) {
  frame.erase(frame.begin(), frame.begin() + smb2::kFrameHeaderSize);
  return frame;
}

// Carries messages between the two until neither has more to say.
void LogIn(smb2::ClientConnection& client, smb2::ServerConnection& server) {
  std::vector<uint8_t> frame = client.Start();
  while (!frame.empty()) {
    smb2::ServerOutput answer = server.OnMessage(std::span(frame).subspan(smb2::kFrameHeaderSize));
    frame.clear();
    if (!answer.send.empty()) {
      auto next = client.OnMessage(std::span(answer.send).subspan(smb2::kFrameHeaderSize));
      frame = next.ok() ? std::move(next->send) : std::vector<uint8_t>();
    }
  }
}

// Nothing without a key, and on 3.1.1, whose keys are made of the messages before too.
std::optional<smb2::SessionSecurity> SecurityOf(const smb2::ClientConnection& client,
                                                smb2::Sender side) {
  const auto key = client.context().ExportSessionKey();
  if (!client.established() || client.granted() != smb2::GrantedSession::kUser || !key.ok() ||
      *client.dialect() == smb2::Dialect::k311) {
    return std::nullopt;
  }
  smb2::Agreement agreement;
  agreement.dialect = *client.dialect();
  agreement.signing = smb2::DefaultSigning(agreement.dialect);
  if (agreement.dialect >= smb2::Dialect::k300) {
    agreement.cipher = smb2::Cipher::kAes128Ccm;
  }
  return smb2::SessionSecurity(agreement, side, key->Clone(), smb2::PreauthHash(),
                               client.session_id());
}

bool CanProtect(const std::optional<smb2::SessionSecurity>& security, smb2::Protection protection) {
  return protection == smb2::Protection::kNone ||
         (security.has_value() &&
          (protection == smb2::Protection::kSign || security->can_encrypt()));
}

std::vector<uint8_t> Protected(const smb2::Header& header, std::span<const uint8_t> body,
                               smb2::Protection protection,
                               std::optional<smb2::SessionSecurity>& security) {
  std::vector<uint8_t> frame;
  smb2::AppendFrame(header, body, protection, security.has_value() ? &*security : nullptr, frame);
  return WithoutFrame(std::move(frame));
}

bool LetsGuestsIn(uint8_t server_options) { return (server_options & 7) == 4; }

}  // namespace

std::vector<std::vector<uint8_t>> SplitMessages(std::span<const uint8_t> input) {
  ByteReader reader(input);
  std::vector<std::vector<uint8_t>> messages;
  uint16_t size = 0;
  std::span<const uint8_t> message;
  while (reader.ReadU16(size) && reader.ReadSpan(size, message)) {
    messages.emplace_back(message.begin(), message.end());
  }
  return messages;
}

std::shared_ptr<const smb2::ServerConfig> SmbServer(uint8_t options) {
  test::FakePackageOptions package;
  if (LetsGuestsIn(options) && (options & 128) != 0) {
    package.login.identity = PeerIdentity::Guest();
  }
  return SmbServer(options, test::MakeFakeCredentials(std::move(package)));
}

std::shared_ptr<const smb2::ServerConfig> SmbServer(
    uint8_t options, std::shared_ptr<const Credentials> credentials) {
  const bool open = LetsGuestsIn(options);
  smb2::ServerOptions server;
  server.credentials = std::move(credentials);
  server.policy = std::make_shared<const ExtendedProtectionPolicy>(
      smb2::CreateNameHardeningPolicy({.level = 0, .allow_guest = open, .allow_anonymous = open})
          .value());
  server.audit = NoAudit();
  server.require_signing = (options & 1) != 0;
  server.encryption =
      (options & 2) != 0 ? smb2::EncryptionPolicy::kRequired : smb2::EncryptionPolicy::kAvailable;
  server.random = &NewRandom();
  return smb2::ServerConfig::Create(std::move(server)).value();
}

std::unique_ptr<smb2::ClientConnection> SmbClient(uint8_t options) {
  return SmbClient(options, test::MakeFakeCredentials());
}

std::unique_ptr<smb2::ClientConnection> SmbClient(uint8_t options,
                                                  std::shared_ptr<const Credentials> credentials) {
  smb2::ClientOptions client;
  client.credentials = std::move(credentials);
  client.require_signing = (options & 1) != 0;
  client.encryption =
      (options & 2) != 0 ? smb2::EncryptionPolicy::kRequired : smb2::EncryptionPolicy::kAvailable;
  client.allow_insecure_guest = (options & 4) != 0;
  client.logon = (options & 8) != 0 ? smb2::LogonKind::kAnonymous : smb2::LogonKind::kUser;
  if (const size_t chosen = (options >> 4) & 7; chosen > 0 && chosen <= kDialects.size()) {
    client.dialects = {kDialects[chosen - 1]};
    if (client.dialects.front() < smb2::Dialect::k300) {
      client.encryption = smb2::EncryptionPolicy::kAvailable;  // it has none to require
    }
  }
  client.random = &NewRandom();
  return smb2::ClientConnection::Create(std::move(client)).value();
}

LoggedInClient::LoggedInClient(smb2::ServerConnection& server, uint8_t options)
    : client_(SmbClient(options)) {
  LogIn(*client_, server);
  security_ = SecurityOf(*client_, smb2::Sender::kClient);
}

std::optional<std::vector<uint8_t>> LoggedInClient::Send(std::span<const uint8_t> message) {
  asked_ = false;
  if (message.empty()) {
    return std::nullopt;
  }
  const auto rest = message.subspan(1);
  switch (message.front() % 5) {
    case 1:
      return FromSession(rest, smb2::Protection::kNone);
    case 2:
      return FromSession(rest, smb2::Protection::kSign);
    case 3:
      return FromSession(rest, smb2::Protection::kEncrypt);
    case 4: {
      if (rest.empty() || !client_->established()) {
        return std::nullopt;
      }
      auto frame = client_->SendRequest(static_cast<smb2::Command>(rest.front()), /*tree_id=*/1,
                                        rest.subspan(1));
      asked_ = frame.ok();
      return asked_ ? std::optional(WithoutFrame(*std::move(frame))) : std::nullopt;
    }
    default:
      return std::vector<uint8_t>(rest.begin(), rest.end());
  }
}

std::optional<std::vector<uint8_t>> LoggedInClient::OnAnswer(std::vector<uint8_t> frames) {
  if (!asked_ || frames.size() <= smb2::kFrameHeaderSize) {
    return std::nullopt;
  }
  auto next = client_->OnMessage(std::span(frames).subspan(smb2::kFrameHeaderSize));
  return next.ok() && !next->send.empty() ? std::optional(WithoutFrame(std::move(next->send)))
                                          : std::nullopt;
}

std::optional<std::vector<uint8_t>> LoggedInClient::FromSession(std::span<const uint8_t> message,
                                                                smb2::Protection protection) {
  auto header = smb2::ParseHeader(message);
  if (!header.ok() || !CanProtect(security_, protection)) {
    return std::nullopt;
  }
  header->session_id = client_->session_id();
  header->message_id = next_id_++;
  return Protected(*header, message.subspan(smb2::kHeaderSize), protection, security_);
}

LoggedInServer::LoggedInServer(smb2::ClientConnection& client, uint8_t options)
    : server_(SmbServer(options), "fuzzer") {
  LogIn(client, server_);
  security_ = SecurityOf(client, smb2::Sender::kServer);
}

void LoggedInServer::OnRequest(std::vector<uint8_t> frame) {
  last_request_ = WithoutFrame(std::move(frame));
  std::vector<uint8_t> opened = last_request_;
  std::span<uint8_t> message = opened;
  if (smb2::IsTransformed(message) && CanProtect(security_, smb2::Protection::kEncrypt)) {
    const auto transform = smb2::ParseTransformHeader(message);
    if (transform.ok() && security_->opener().Open(*transform, message)) {
      message = message.subspan(smb2::kTransformHeaderSize);
    }
  }
  const auto header = smb2::ParseHeader(message);
  last_header_ = header.ok() ? std::optional(*header) : std::nullopt;
}

std::optional<std::vector<uint8_t>> LoggedInServer::Send(std::span<const uint8_t> message) {
  if (message.empty()) {
    return std::nullopt;
  }
  const auto rest = message.subspan(1);
  switch (message.front() % 5) {
    case 1:
      return Answer(rest, smb2::Protection::kNone);
    case 2:
      return Answer(rest, smb2::Protection::kSign);
    case 3:
      return Answer(rest, smb2::Protection::kEncrypt);
    case 4: {
      static constexpr std::array<uint8_t, 16> kTree = {16, 0, 1};
      smb2::ServerOutput output = server_.OnMessage(last_request_);
      for (const smb2::ServerRequest& request : output.requests) {
        server_.Respond(request, {.body = kTree, .tree_id = 1}, output.send);
      }
      return output.send.empty() ? std::nullopt
                                 : std::optional(WithoutFrame(std::move(output.send)));
    }
    default:
      return std::vector<uint8_t>(rest.begin(), rest.end());
  }
}

std::optional<std::vector<uint8_t>> LoggedInServer::Answer(std::span<const uint8_t> message,
                                                           smb2::Protection protection) {
  auto header = smb2::ParseHeader(message);
  if (!header.ok() || !last_header_.has_value() || !CanProtect(security_, protection)) {
    return std::nullopt;
  }
  header->session_id = last_header_->session_id;
  header->message_id = last_header_->message_id;
  header->command = last_header_->command;
  header->flags |= smb2::kFlagResponse;
  return Protected(*header, message.subspan(smb2::kHeaderSize), protection, security_);
}

}  // namespace epa::fuzz
