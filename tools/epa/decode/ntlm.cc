#include "tools/epa/decode/ntlm.h"

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/byte_reader.h"
#include "lib/base/hex.h"
#include "lib/base/utf16.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/messages/av_pairs.h"
#include "providers/ntlm/messages/challenge_message.h"
#include "providers/ntlm/messages/flags.h"
#include "providers/ntlm/messages/negotiate_message.h"

namespace epa::tool {
namespace {

using ntlm::MessageFault;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr size_t kMessageTypeOffset = 8;

// Unlike the library, which refuses such text, shows what is wrong in it as U+FFFD.
std::string LossyUtf16(std::span<const uint8_t> octets) {
  std::string text;
  ByteReader reader(octets);
  while (!reader.at_end()) {
    std::optional<std::string> character;
    std::span<const uint8_t> units;
    for (size_t size : {2, 4}) {
      if (!character.has_value() && reader.SpanAt(reader.offset(), size, units)) {
        character = Utf16LeToUtf8(units);
      }
      if (character.has_value() && reader.Skip(units.size())) {
        break;
      }
    }
    if (!character.has_value() && !reader.Skip(2) && !reader.Skip(1)) {
      break;
    }
    text += character.value_or(std::string(kReplacement));
  }
  return text;
}

std::string LossyOem(std::span<const uint8_t> octets) {
  std::string text;
  for (uint8_t octet : octets) {
    text += octet < 0x80 ? std::string(1, static_cast<char>(octet)) : std::string(kReplacement);
  }
  return text;
}

std::string NameText(std::span<const uint8_t> name, uint32_t flags) {
  return (flags & ntlm::kNegotiateUnicode) != 0 ? LossyUtf16(name) : LossyOem(name);
}

void AddText(Json& document, const char* key, const std::string& text) {
  if (!text.empty()) {
    document[key] = text;
  }
}

void AddHex(Json& document, const char* key, std::span<const uint8_t> octets) {
  if (!octets.empty()) {
    document[key] = EncodeHex(octets);
  }
}

// Flags are left out only where the message ends before them.
void AddFlags(Json& document, uint32_t flags, std::span<const uint8_t> token, size_t offset) {
  if (token.size() < offset + sizeof(flags)) {
    return;
  }
  char text[11];
  std::snprintf(text, sizeof(text), "0x%08x", flags);
  document["flags"] = text;
  Json names = Json::array();
  for (const ntlm::NamedFlag& flag : ntlm::kNegotiateFlagNames) {
    if ((flags & flag.value) != 0) {
      names.push_back(flag.name);
    }
  }
  document["flag_names"] = std::move(names);
}

void AddVersion(Json& document, const std::optional<ntlm::Version>& version) {
  if (version.has_value()) {
    document["version"] = std::to_string(version->major) + "." + std::to_string(version->minor) +
                          "." + std::to_string(version->build) + " rev " +
                          std::to_string(version->revision);
  }
}

void AddAvPairs(Json& document, const ntlm::AvPairs& pairs) {
  if (pairs.pairs().empty()) {
    return;
  }
  Json list = Json::array();
  for (const ntlm::AvPair& pair : pairs.pairs()) {
    Json item;
    item["id"] = static_cast<uint16_t>(pair.id);
    AddText(item, "name", std::string(ntlm::AvIdName(pair.id)));
    item["value"] = ntlm::IsTextAvId(pair.id) ? LossyUtf16(pair.value) : EncodeHex(pair.value);
    list.push_back(std::move(item));
  }
  document["av_pairs"] = std::move(list);
}

std::optional<MessageFault> AddNegotiate(Json& document, std::span<const uint8_t> token) {
  ntlm::NegotiateMessage message;
  const std::optional<MessageFault> fault = ntlm::ReadNegotiateMessage(token, message);
  document["message"] = "negotiate";
  AddFlags(document, message.flags, token, 12);
  AddText(document, "domain", LossyOem(message.domain));
  AddText(document, "workstation", LossyOem(message.workstation));
  AddVersion(document, message.version);
  return fault;
}

std::optional<MessageFault> AddChallenge(Json& document, std::span<const uint8_t> token) {
  ntlm::ChallengeMessage message;
  const std::optional<MessageFault> fault = ntlm::ReadChallengeMessage(token, message);
  document["message"] = "challenge";
  AddFlags(document, message.flags, token, 20);
  AddText(document, "target_name", NameText(message.target_name, message.flags));
  if (token.size() >= 32) {
    AddHex(document, "server_challenge", message.server_challenge);
  }
  AddVersion(document, message.version);
  AddAvPairs(document, message.av_pairs);
  return fault;
}

std::optional<MessageFault> AddAuthenticate(Json& document, std::span<const uint8_t> token) {
  ntlm::AuthenticateMessage message;
  const std::optional<MessageFault> fault = ntlm::ReadAuthenticateMessage(token, message);
  document["message"] = "authenticate";
  AddFlags(document, message.flags, token, 60);
  // An empty user is what says that a login is anonymous, so empty names are shown here.
  if (!fault.has_value() || !message.user.empty()) {
    document["domain"] = NameText(message.domain, message.flags);
    document["user"] = NameText(message.user, message.flags);
    document["workstation"] = NameText(message.workstation, message.flags);
  }
  AddVersion(document, message.version);
  AddHex(document, "lm_response", message.lm_response);
  AddHex(document, "nt_response", message.nt_response);
  AddHex(document, "encrypted_session_key", message.encrypted_session_key);
  AddHex(document, "mic", ntlm::MicOf(message, token));
  AddAvPairs(document, message.v2.av_pairs);
  return fault;
}

std::optional<MessageFault> AddMessage(Json& document, std::span<const uint8_t> token) {
  const std::optional<ntlm::MessageType> type = ntlm::PeekMessageType(token);
  if (!type.has_value()) {
    return ntlm::Malformed(kMessageTypeOffset, "message type is not 1, 2 or 3");
  }
  switch (*type) {
    case ntlm::MessageType::kNegotiate:
      return AddNegotiate(document, token);
    case ntlm::MessageType::kChallenge:
      return AddChallenge(document, token);
    case ntlm::MessageType::kAuthenticate:
      return AddAuthenticate(document, token);
  }
  return std::nullopt;
}

}  // namespace

bool LooksLikeNtlm(std::span<const uint8_t> token) {
  return ByteReader(token).Match(ntlm::kSignature);
}

DecodedToken DecodeNtlm(std::span<const uint8_t> token) {
  DecodedToken decoded;
  decoded.document["kind"] = "ntlm";
  const std::optional<MessageFault> fault = AddMessage(decoded.document, token);
  if (fault.has_value()) {
    AddFault(TokenFault{fault->offset, std::string(fault->what)}, decoded);
  }
  return decoded;
}

}  // namespace epa::tool
