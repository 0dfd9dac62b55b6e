#include "fuzz/smb2_fuzz_setup.h"

#include <optional>
#include <utility>

#include "lib/base/byte_reader.h"
#include "tests/support/fake_package.h"
#include "tests/support/fixed_random.h"

namespace epa::fuzz {
namespace {

// The same input, the same run: session ids and salts begin anew with every input.
const RandomSource& NewRandom() {
  static auto& random = *new std::optional<test::FixedRandom>();
  return random.emplace();
}

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
  const bool protects = (options & 3) != 0;
  const bool open = !protects && (options & 4) != 0;
  smb2::ServerOptions server;
  server.credentials = test::MakeFakeCredentials();
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
  smb2::ClientOptions client;
  client.credentials = test::MakeFakeCredentials();
  client.require_signing = (options & 1) != 0;
  client.encryption =
      (options & 2) != 0 ? smb2::EncryptionPolicy::kRequired : smb2::EncryptionPolicy::kAvailable;
  client.allow_insecure_guest = (options & 4) != 0;
  client.logon = (options & 8) != 0 ? smb2::LogonKind::kAnonymous : smb2::LogonKind::kUser;
  client.random = &NewRandom();
  return smb2::ClientConnection::Create(std::move(client)).value();
}

}  // namespace epa::fuzz
