// Published keys and signatures, and session set-ups captured between real machines.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/ntlm/authority.h"
#include "epa/smb2/header.h"
#include "lib/base/utf16.h"
#include "lib/crypto/rc4.h"
#include "lib/smb2/message_cipher.h"
#include "lib/smb2/message_signer.h"
#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/session_keys.h"
#include "providers/negotiate/neg_token.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/messages/challenge_message.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::smb2 {
namespace {

using nlohmann::json;
using test::FromHex;
using test::ToHex;

std::vector<uint8_t> Octets(const json& hex) { return FromHex(hex.get<std::string>()); }

uint64_t Number(const json& text) { return std::stoull(text.get<std::string>(), nullptr, 16); }

Dialect DialectOf(const json& inputs) { return static_cast<Dialect>(Number(inputs["dialect"])); }

SigningAlgorithm AlgorithmOf(std::string_view name) {
  if (name == "hmac-sha256") {
    return SigningAlgorithm::kHmacSha256;
  }
  EXPECT_TRUE(name == "aes-cmac" || name == "aes-gmac") << name;
  return name == "aes-cmac" ? SigningAlgorithm::kAesCmac : SigningAlgorithm::kAesGmac;
}

// Zeros, as before any message, where the vector has none: dialects before 3.1.1.
PreauthHash HashOf(const json& inputs) {
  if (!inputs.contains("preauth_hash") || inputs["preauth_hash"].is_null()) {
    return PreauthHash();
  }
  const auto value = Octets(inputs["preauth_hash"]);
  return PreauthHash(std::span<const uint8_t, 64>(value));
}

TEST(SigningVectors, SignaturesAreThePublishedOnes) {
  const json vectors = test::ReadTestJson("smb2/signing.json");
  size_t signatures = 0;
  for (const json& entry : vectors["entries"]) {
    if (entry.contains("kind")) {
      continue;
    }
    SCOPED_TRACE(entry["name"].get<std::string>());
    const json& inputs = entry["inputs"];
    const auto key = Octets(inputs["signing_key"]);
    MessageSigner signer(AlgorithmOf(inputs["algorithm"].get<std::string>()),
                         Secret<16>(std::span<const uint8_t, 16>(key)));
    std::vector<uint8_t> message = Octets(inputs["message"]);
    EXPECT_EQ(signer.Verify(message), entry["expected"]["valid"].get<bool>());
    signer.Sign(message);
    if (entry["expected"]["valid"].get<bool>()) {
      EXPECT_EQ(ToHex(std::span(message).subspan(48, kSignatureSize)),
                entry["expected"]["signature"].get<std::string>());
    }
    EXPECT_TRUE(signer.Verify(message));
    if (inputs.contains("session_key")) {
      const SessionKeys keys(DialectOf(inputs), SecretBytes(Octets(inputs["session_key"])),
                             HashOf(inputs));
      EXPECT_EQ(ToHex(keys.SigningKey().Expose()), inputs["signing_key"].get<std::string>());
    }
    ++signatures;
  }
  EXPECT_EQ(signatures, 20u);
}

TEST(SigningVectors, KeysAreThePublishedOnes) {
  const json vectors = test::ReadTestJson("smb2/signing.json");
  size_t derivations = 0;
  for (const json& entry : vectors["entries"]) {
    if (!entry.contains("kind")) {
      continue;
    }
    SCOPED_TRACE(entry["name"].get<std::string>());
    const json& inputs = entry["inputs"];
    const SessionKeys keys(DialectOf(inputs), SecretBytes(Octets(inputs["session_key"])),
                           HashOf(inputs));
    // The vectors speak for the client: it encrypts what goes to the server.
    const std::vector<std::pair<std::string, std::string>> derived = {
        {"signing_key", ToHex(keys.SigningKey().Expose())},
        {"application_key", ToHex(keys.ApplicationKey().Expose())},
        {"encryption_key", ToHex(keys.CipherKey(Sender::kClient, Cipher::kAes128Ccm).Expose())},
        {"decryption_key", ToHex(keys.CipherKey(Sender::kServer, Cipher::kAes128Ccm).Expose())},
    };
    for (const auto& [name, value] : derived) {
      if (entry["expected"].contains(name)) {
        EXPECT_EQ(value, entry["expected"][name].get<std::string>()) << name;
        ++derivations;
      }
    }
  }
  EXPECT_EQ(derivations, 7u);
}

// One captured session set-up, message by message.
class CapturedSession {
 public:
  explicit CapturedSession(const json& entry) : entry_(entry) {}

  void Check() {
    for (const json& message : entry_["messages"]) {
      message_ = Octets(message["hex"]);
      const auto header = ParseHeader(message_);
      ASSERT_OK(header);
      EXPECT_EQ(header->status, Number(message["status"]));
      EXPECT_EQ(header->message_id, message["message_id"].get<uint64_t>());
      EXPECT_EQ(header->session_id, Number(message["session_id"]));
      EXPECT_EQ(header->is_response(), message["response"].get<bool>());
      EXPECT_EQ(header->is_signed(), message["signed"].get<bool>());
      Parse(message, *header);
      const bool last = header->is_response() && header->command == Command::kSessionSetup &&
                        header->status != kStatusMoreProcessingRequired;
      if (last) {
        CheckLast(*header);
      } else {
        preauth_.Update(message_);
        hashes_.push_back(ToHex(preauth_.value()));
      }
    }
    CheckHashes();
    CheckPassword();
  }

 private:
  void Parse(const json& message, const Header& header) {
    std::span<const uint8_t> token;
    if (header.command == Command::kNegotiate && header.is_response()) {
      const auto parsed = ParseNegotiateResponse(message_);
      ASSERT_OK(parsed);
      EXPECT_EQ(parsed->dialect, Number(message["dialect"]));
      dialect_ = static_cast<Dialect>(parsed->dialect);
      token = parsed->token;
    } else if (header.command == Command::kNegotiate) {
      ASSERT_OK(ParseNegotiateRequest(message_));
    } else if (!header.is_response()) {
      const auto parsed = ParseSessionSetupRequest(message_);
      ASSERT_OK(parsed);
      token = parsed->token;
    } else if (message.contains("security_buffer")) {
      const auto parsed = ParseSessionSetupResponse(message_);
      ASSERT_OK(parsed);
      token = parsed->token;
    }
    if (message.contains("security_buffer")) {
      EXPECT_EQ(ToHex(token), message["security_buffer"].get<std::string>());
    }
    if (header.command == Command::kSessionSetup) {
      tokens_.emplace_back(token.begin(), token.end());
    }
  }

  // A refusal is not signed; a success is, with a key that only both ends know.
  void CheckLast(const Header& header) {
    const json& expected = entry_["expected"];
    EXPECT_EQ(header.status, Number(expected["final_status"]));
    if (header.status != kStatusSuccess) {
      EXPECT_FALSE(header.is_signed());
      return;
    }
    ASSERT_TRUE(dialect_.has_value());
    const SessionKeys keys(*dialect_, SecretBytes(Octets(entry_["session_key"])), preauth_);
    EXPECT_EQ(ToHex(keys.SigningKey().Expose()), expected["signing_key"].get<std::string>());
    if (*dialect_ >= Dialect::k300) {
      const Cipher cipher = Cipher::kAes128Ccm;
      EXPECT_EQ(ToHex(keys.CipherKey(Sender::kClient, cipher).Expose()),
                expected["encryption_key"].get<std::string>());
      EXPECT_EQ(ToHex(keys.CipherKey(Sender::kServer, cipher).Expose()),
                expected["decryption_key"].get<std::string>());
      EXPECT_EQ(ToHex(keys.ApplicationKey().Expose()),
                expected["application_key"].get<std::string>());
    }
    MessageSigner signer(AlgorithmOf(expected["signing_algorithm"].get<std::string>()),
                         keys.SigningKey());
    EXPECT_TRUE(signer.Verify(message_));
    message_[kHeaderSize] ^= 1;
    EXPECT_FALSE(signer.Verify(message_));
  }

  void CheckHashes() const {
    const json& expected = entry_["expected"];
    if (!expected.contains("preauth_hashes")) {
      return;
    }
    std::vector<std::string> values;
    for (const json& hash : expected["preauth_hashes"]) {
      values.push_back(hash.is_string() ? hash.get<std::string>()
                                        : hash.at("hash").get<std::string>());
    }
    EXPECT_EQ(hashes_, values);
  }

  // The login inside: the password makes the session key.
  void CheckPassword() const {
    if (entry_["password"].is_null()) {
      return;
    }
    ASSERT_GE(tokens_.size(), 3u);
    const auto challenge_token = Unwrapped(tokens_[1]);
    const auto authenticate_token = Unwrapped(tokens_[2]);
    const auto challenge = ntlm::ParseChallengeMessage(challenge_token);
    const auto authenticate = ntlm::ParseAuthenticateMessage(authenticate_token);
    ASSERT_OK(challenge);
    ASSERT_OK(authenticate);
    const std::string user = Utf16LeToUtf8(authenticate->user).value();
    const std::string domain = Utf16LeToUtf8(authenticate->domain).value();
    ntlm::LogonRequest logon;
    logon.user = user;
    logon.domain = domain;
    logon.server_challenge = challenge->server_challenge;
    logon.nt_response = authenticate->nt_response;
    const auto hash = ntlm::NtHashFromPassword(entry_["password"].get<std::string>());
    ASSERT_OK(hash);
    const auto verdict = ntlm::VerifyWithNtHash(
        *hash, logon, std::make_shared<const AccountIdentity>(AccountIdentity{.user = user}));
    ASSERT_OK(verdict);
    ASSERT_TRUE(verdict->verified());
    Secret<16> session_key = verdict->session_base_key();
    constexpr uint32_t kKeyExchange = 0x40000000;  // [MS-NLMP] 2.2.2.5
    if ((authenticate->flags & kKeyExchange) != 0) {
      session_key = crypto::Rc4WrapKey(
          session_key, std::span<const uint8_t, 16>(authenticate->encrypted_session_key));
    }
    EXPECT_EQ(ToHex(session_key.Expose()), entry_["session_key"].get<std::string>());
  }

  static std::vector<uint8_t> Unwrapped(std::span<const uint8_t> token) {
    const auto response = negotiate::ParseNegTokenResp(token);
    if (!response.ok() || !response->response_token.has_value()) {
      return {token.begin(), token.end()};
    }
    return {response->response_token->begin(), response->response_token->end()};
  }

  const json& entry_;
  std::vector<uint8_t> message_;
  std::optional<Dialect> dialect_;
  PreauthHash preauth_;
  std::vector<std::string> hashes_;
  std::vector<std::vector<uint8_t>> tokens_;
};

TEST(CapturedSessions, ParseAndVerify) {
  const json vectors = test::ReadTestJson("smb2/sessions.json");
  size_t with_password = 0;
  for (const json& entry : vectors["entries"]) {
    SCOPED_TRACE(entry["name"].get<std::string>());
    CapturedSession(entry).Check();
    with_password += entry["password"].is_null() ? 0 : 1;
  }
  EXPECT_EQ(vectors["entries"].size(), 14u);
  EXPECT_EQ(with_password, 11u);
}

json SessionNamed(std::string_view name) {
  const json vectors = test::ReadTestJson("smb2/sessions.json");
  for (const json& entry : vectors["entries"]) {
    if (entry["name"] == name) {
      return entry;
    }
  }
  ADD_FAILURE() << name;
  return {};
}

TEST(CapturedSessions, EncryptedMessagesOpen) {
  const json vectors = test::ReadTestJson("smb2/encrypted.json");
  for (const json& entry : vectors["entries"]) {
    SCOPED_TRACE(entry["name"].get<std::string>());
    const json session = SessionNamed(entry["session"].get<std::string>());
    const bool from_client = entry["from"] == "client";
    const auto key = Octets(session["expected"][from_client ? "encryption_key" : "decryption_key"]);
    const auto cipher = static_cast<Cipher>(entry["cipher"].get<int>());
    std::vector<uint8_t> message = Octets(entry["message"]);
    const auto header = ParseTransformHeader(message);
    ASSERT_OK(header);
    MessageCipher opener(cipher, crypto::Aead::Direction::kOpen, SecretBytes(key),
                         header->session_id);
    std::vector<uint8_t> altered = message;
    altered.back() ^= 1;
    EXPECT_FALSE(opener.Open(*header, altered));
    ASSERT_TRUE(opener.Open(*header, message));
    const auto inner = ParseHeader(std::span(message).subspan(kTransformHeaderSize));
    ASSERT_OK(inner);
    EXPECT_EQ(inner->command, Command::kTreeConnect);
    EXPECT_EQ(inner->is_response(), !from_client);
    EXPECT_EQ(inner->session_id, header->session_id);
  }
  EXPECT_EQ(vectors["entries"].size(), 6u);
}

}  // namespace
}  // namespace epa::smb2
