// Every message of the vector files, read, compared with what others read in it, written again.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "lib/base/hex.h"
#include "lib/base/utf16.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/messages/challenge_message.h"
#include "providers/ntlm/messages/flags.h"
#include "providers/ntlm/messages/negotiate_message.h"
#include "tests/ntlm/ntlm_vectors.h"

namespace epa::ntlm {
namespace {

using nlohmann::json;

std::string FlagsText(uint32_t flags) {
  ByteWriter big_endian(4);
  for (int shift = 24; shift >= 0; shift -= 8) {
    big_endian.WriteU8(static_cast<uint8_t>(flags >> shift));
  }
  return "0x" + EncodeHex(big_endian.written());
}

std::string VersionText(const Version& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
         std::to_string(version.build) + " rev " + std::to_string(version.revision);
}

void ExpectField(const json& fields, const char* key, const std::string& actual) {
  if (fields.contains(key)) {
    EXPECT_EQ(fields.at(key).get<std::string>(), actual) << key;
  }
}

void ExpectName(const json& fields, const char* key, const std::optional<std::string>& actual) {
  if (fields.contains(key)) {
    ASSERT_TRUE(actual.has_value()) << key;
    ExpectField(fields, key, *actual);
  }
}

void ExpectVersion(const json& fields, const std::optional<Version>& version) {
  if (fields.contains("version")) {
    ASSERT_TRUE(version.has_value());
    ExpectField(fields, "version", VersionText(*version));
  }
}

void ExpectAvNames(const json& fields, const AvPairs& pairs) {
  static constexpr std::pair<const char*, AvId> kNames[] = {
      {"nb_computer", AvId::kNbComputerName},   {"nb_domain", AvId::kNbDomainName},
      {"dns_computer", AvId::kDnsComputerName}, {"dns_domain", AvId::kDnsDomainName},
      {"dns_tree", AvId::kDnsTreeName},         {"timestamp", AvId::kTimestamp},
      {"target_name", AvId::kTargetName}};
  for (const auto& [key, id] : kNames) {
    const AvPair* pair = pairs.Find(id);
    ASSERT_EQ(fields.contains(key), pair != nullptr) << key;
    if (pair != nullptr) {
      ExpectField(fields, key,
                  IsTextAvId(id) ? Utf16LeToUtf8(pair->value).value() : EncodeHex(pair->value));
    }
  }
}

void ExpectNegotiate(const json& fields, std::span<const uint8_t> octets) {
  const auto message = ParseNegotiateMessage(octets);
  ASSERT_TRUE(message.ok()) << message.status();
  ExpectField(fields, "flags", FlagsText(message->flags));
  EXPECT_EQ(fields.value("domain", ""), OemToUtf8(message->domain).value());
  EXPECT_EQ(fields.value("workstation", ""), OemToUtf8(message->workstation).value());
  ExpectVersion(fields, message->version);
}

void ExpectChallenge(const json& fields, std::span<const uint8_t> octets) {
  const auto message = ParseChallengeMessage(octets);
  ASSERT_TRUE(message.ok()) << message.status();
  ExpectField(fields, "flags", FlagsText(message->flags));
  ExpectField(fields, "server_challenge", EncodeHex(message->server_challenge));
  ExpectField(fields, "target_info", EncodeHex(message->target_info));
  ExpectVersion(fields, message->version);
  const std::optional<std::string> name = NameToUtf8(message->target_name, message->flags);
  if (name.has_value()) {  // the sender says Unicode and means ASCII otherwise
    ExpectName(fields, "target_name", name);
  } else {
    EXPECT_EQ(message->target_name.size() % 2, 1u);
  }
  if (fields.contains("av")) {
    ExpectAvNames(fields.at("av"), message->av_pairs);
  }
}

void ExpectV2(const json& fields, const AuthenticateMessage& message,
              std::span<const uint8_t> octets) {
  ExpectField(fields, "proof", EncodeHex(message.v2.proof));
  ExpectField(fields, "blob", EncodeHex(message.v2.temp));
  ExpectField(fields, "client_challenge", EncodeHex(message.v2.client_challenge));
  ByteWriter time(8);
  time.WriteU64(message.v2.time);
  ExpectField(fields, "time", EncodeHex(time.written()));
  std::vector<int> order;
  for (const AvPair& pair : message.v2.av_pairs.pairs()) {
    order.push_back(static_cast<int>(pair.id));
  }
  EXPECT_EQ(fields.at("av_order").get<std::vector<int>>(), order);
  if (fields.value("has_mic", false)) {
    ExpectField(fields, "mic", EncodeHex(MicOf(message, octets)));
    EXPECT_NE(message.v2.av_pairs.flags().value_or(0) & kAvFlagMicPresent, 0u);
  }
}

void ExpectAuthenticate(const json& fields, std::span<const uint8_t> octets) {
  const auto message = ParseAuthenticateMessage(octets);
  ASSERT_TRUE(message.ok()) << message.status();
  ExpectField(fields, "flags", FlagsText(message->flags));
  ExpectField(fields, "lm", EncodeHex(message->lm_response));
  ExpectField(fields, "nt", EncodeHex(message->nt_response));
  ExpectField(fields, "enc_key", EncodeHex(message->encrypted_session_key));
  ExpectName(fields, "domain", NameToUtf8(message->domain, message->flags));
  ExpectName(fields, "user", NameToUtf8(message->user, message->flags));
  ExpectName(fields, "workstation", NameToUtf8(message->workstation, message->flags));
  ExpectVersion(fields, message->version);
  EXPECT_EQ(message->mic_offset.has_value(), fields.at("payload_offset").get<int>() >= 88);
  EXPECT_EQ(message->nt_kind == NtResponseKind::kNtlmV2, fields.contains("proof"));
  if (message->nt_kind == NtResponseKind::kNtlmV2) {
    ExpectV2(fields, *message, octets);
  }
}

bool AnyParserAccepts(std::span<const uint8_t> octets) {
  return ParseNegotiateMessage(octets).ok() || ParseChallengeMessage(octets).ok() ||
         ParseAuthenticateMessage(octets).ok();
}

// "message_rule" of the entry: the first 200 octets are given, the pairs go on to 64 KiB.
std::vector<uint8_t> HugeTargetInfo(std::vector<uint8_t> octets) {
  const std::vector<uint8_t> header(octets.begin(), octets.begin() + 56);
  const std::vector<uint8_t> pair(octets.begin() + 56, octets.begin() + 56 + 16);
  octets = header;
  for (int i = 0; i < 4096; ++i) {
    octets.insert(octets.end(), pair.begin(), pair.end());
  }
  octets.resize(56 + 65535);
  return octets;
}

TEST(NtlmMessageVectors, EveryValidMessageReadsAsOthersReadIt) {
  int count = 0;
  for (const json& entry : ReadEntries("ntlm_messages.json")) {
    const json& expected = entry.at("expected");
    if (!expected.at("valid").get<bool>()) {
      continue;
    }
    SCOPED_TRACE(entry.at("name").get<std::string>());
    ++count;
    const std::vector<uint8_t> octets = Octets(entry.at("message"));
    const json fields = expected.value("fields", json{{"type", "CHALLENGE"}});
    const std::string type = fields.at("type");
    if (type == "NEGOTIATE") {
      ExpectNegotiate(fields, octets);
    } else if (type == "CHALLENGE") {
      ExpectChallenge(fields, octets);
    } else {
      ExpectAuthenticate(fields, octets);
    }
  }
  EXPECT_EQ(count, 79);
}

// No exception, those that a tolerant parser might accept included.
TEST(NtlmMessageVectors, EveryInvalidMessageIsRefused) {
  int count = 0;
  for (const json& entry : ReadEntries("ntlm_messages.json")) {
    if (entry.at("expected").at("valid").get<bool>()) {
      continue;
    }
    SCOPED_TRACE(entry.at("name").get<std::string>());
    ++count;
    std::vector<uint8_t> octets = Octets(entry.at("message"));
    EXPECT_FALSE(AnyParserAccepts(octets));
    if (entry.contains("message_rule")) {
      EXPECT_FALSE(AnyParserAccepts(HugeTargetInfo(octets)));
    }
  }
  EXPECT_EQ(count, 34);
}

TEST(NtlmMessageVectors, FaultsThatHaveTheirOwnReasonAreTellable) {
  const std::map<std::string, FaultKind> expected = {
      {"malformed-authenticate-enckey-missing", FaultKind::kSessionKeyMissing},
      {"malformed-authenticate-mic-flag-but-no-room", FaultKind::kMicMissing},
      {"malformed-av-duplicate-flags", FaultKind::kDuplicateAvPair},
  };
  size_t seen = 0;
  for (const json& entry : ReadEntries("ntlm_messages.json")) {
    const auto found = expected.find(entry.at("name").get<std::string>());
    if (found == expected.end()) {
      continue;
    }
    ++seen;
    const std::vector<uint8_t> octets = Octets(entry.at("message"));
    AuthenticateMessage authenticate;
    ChallengeMessage challenge;
    const std::optional<MessageFault> fault = PeekMessageType(octets) == MessageType::kAuthenticate
                                                  ? ReadAuthenticateMessage(octets, authenticate)
                                                  : ReadChallengeMessage(octets, challenge);
    ASSERT_TRUE(fault.has_value());
    EXPECT_EQ(fault->kind, found->second);
  }
  EXPECT_EQ(seen, expected.size());
}

TEST(NtlmMessageVectors, EveryExchangeOfNtlmv2IsRead) {
  int count = 0;
  for (const json& entry : ReadEntries("ntlmv2.json")) {
    SCOPED_TRACE(entry.at("name").get<std::string>());
    const json& messages = entry.at("messages");
    const json& inputs = entry.at("inputs");
    if (Has(messages, "negotiate")) {
      EXPECT_TRUE(ParseNegotiateMessage(Octets(messages.at("negotiate"))).ok());
    }
    if (Has(messages, "challenge")) {
      const std::vector<uint8_t> octets = Octets(messages.at("challenge"));
      const auto challenge = ParseChallengeMessage(octets);
      ASSERT_TRUE(challenge.ok()) << challenge.status();
      EXPECT_EQ(EncodeHex(challenge->server_challenge),
                inputs.at("server_challenge").get<std::string>());
    }
    if (!Has(messages, "authenticate")) {
      continue;
    }
    ++count;
    const std::vector<uint8_t> octets = Octets(messages.at("authenticate"));
    const auto authenticate = ParseAuthenticateMessage(octets);
    ASSERT_TRUE(authenticate.ok()) << authenticate.status();
    ASSERT_EQ(authenticate->nt_kind, NtResponseKind::kNtlmV2);
    EXPECT_EQ(EncodeHex(authenticate->v2.proof),
              entry.at("expected").at("nt_proof").get<std::string>());
    EXPECT_EQ(EncodeHex(authenticate->v2.temp), entry.at("expected").at("temp").get<std::string>());
    EXPECT_EQ(NameToUtf8(authenticate->user, authenticate->flags),
              inputs.at("user").get<std::string>());
    std::vector<int> ids;
    for (const AvPair& pair : authenticate->v2.av_pairs.pairs()) {
      ids.push_back(static_cast<int>(pair.id));
    }
    EXPECT_EQ(entry.at("decoded").at("av_ids").get<std::vector<int>>(), ids);
  }
  EXPECT_EQ(count, 32);
}

// gss-ntlmssp without NTLMSSP_NEGOTIATE_VERSION puts the MIC where the version would be.
TEST(NtlmMessageVectors, MicOfGssNtlmsspWithoutVersionIsFound) {
  for (const json& entry : ReadEntries("ntlmv2.json")) {
    if (entry.at("name") == "pyspnego-gssapi-negotiate-ntlm-fallback") {
      const std::vector<uint8_t> octets = Octets(entry.at("messages").at("authenticate"));
      const auto message = ParseAuthenticateMessage(octets);
      ASSERT_TRUE(message.ok()) << message.status();
      EXPECT_EQ(message->mic_offset, 64u);
      EXPECT_EQ(EncodeHex(MicOf(*message, octets)), "8efe464238c4f33a354672be53db70ae");
      return;
    }
  }
  FAIL() << "entry missing";
}

// The written form of a message, with the MIC of the original put into its place.
std::vector<uint8_t> WrittenAgain(std::span<const uint8_t> octets) {
  switch (PeekMessageType(octets).value()) {
    case MessageType::kNegotiate:
      return WriteNegotiateMessage(ParseNegotiateMessage(octets).value()).value();
    case MessageType::kChallenge:
      return WriteChallengeMessage(ParseChallengeMessage(octets).value()).value();
    case MessageType::kAuthenticate:
      break;
  }
  const AuthenticateMessage message = ParseAuthenticateMessage(octets).value();
  WrittenAuthenticate written = WriteAuthenticateMessage(message).value();
  const std::span<const uint8_t> mic = MicOf(message, octets);
  std::copy(mic.begin(), mic.end(),
            written.octets.begin() + static_cast<std::ptrdiff_t>(written.mic_offset));
  return std::move(written.octets);
}

// Windows lays its payload out as we do, so that every octet must come back. Windows 2000 has a
// shorter header, and one RPC client puts the LM response first.
constexpr std::array<std::string_view, 2> kOtherLayouts = {"davenport-c9-ntlmv2-40bit",
                                                           "cap-win10-dcerpc-cracknames-f6"};

TEST(NtlmMessageVectors, WindowsMessagesAreWrittenAgainIdentically) {
  int same = 0;
  for (const json& entry : ReadEntries("ntlmv2.json")) {
    if (entry.at("origin") != "real-windows") {
      continue;
    }
    const std::string name = entry.at("name");
    SCOPED_TRACE(name);
    const bool other_layout =
        std::find(kOtherLayouts.begin(), kOtherLayouts.end(), name) != kOtherLayouts.end();
    for (const auto& [type, message] : entry.at("messages").items()) {
      if (!message.is_null() && !(other_layout && type == "authenticate")) {
        EXPECT_EQ(EncodeHex(WrittenAgain(Octets(message))), message.get<std::string>());
        ++same;
      }
    }
  }
  EXPECT_EQ(same, 32);
}

}  // namespace
}  // namespace epa::ntlm
