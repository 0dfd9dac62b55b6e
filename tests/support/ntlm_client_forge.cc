#include "tests/support/ntlm_client_forge.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"
#include "lib/base/utf16.h"
#include "lib/crypto/rc4.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/messages/challenge_message.h"
#include "providers/ntlm/messages/negotiate_message.h"
#include "providers/ntlm/ntlmv2.h"

namespace epa::test {
namespace {

using ntlm::AuthenticateMessage;
using ntlm::AvId;
using ntlm::ChallengeMessage;
using ntlm::MessageType;

constexpr ntlm::Version kVersion{10, 0, 19041, ntlm::kNtlmRevision};
// [MS-NLMP] 2.2.1.3: the fields' descriptors, the version and the MIC.
constexpr size_t kFirstDescriptor = 12;
constexpr size_t kDescriptorCount = 6;
constexpr size_t kVersionOffset = 64;
constexpr size_t kMicOffset = 72;

template <typename T>
T ValueOrDie(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << "forged client: " << result.status() << "\n";
    std::abort();
  }
  return *std::move(result);
}

void Require(bool condition, const char* what) {
  if (!condition) {
    std::cerr << "forged client: " << what << "\n";
    std::abort();
  }
}

uint32_t U32At(std::span<const uint8_t> octets, size_t offset) {
  ByteReader reader(octets);
  uint32_t value = 0;
  Require(reader.Skip(offset) && reader.ReadU32(value), "the message is too short");
  return value;
}

void PutU32(std::span<uint8_t> octets, size_t offset, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) {
    octets[offset + i] = static_cast<uint8_t>(value >> (8 * i));
  }
}

size_t FlagsOffset(std::span<const uint8_t> message) {
  const auto type = ntlm::PeekMessageType(message);
  Require(type.has_value(), "not an NTLM message");
  return *type == MessageType::kNegotiate ? 12 : *type == MessageType::kChallenge ? 20 : 60;
}

// The octets of `message` that `view` shows.
std::span<uint8_t> Mutable(std::vector<uint8_t>& message, std::span<const uint8_t> view) {
  const auto offset = static_cast<size_t>(view.data() - message.data());
  return std::span(message).subspan(offset, view.size());
}

void RemoveHeaderOctets(std::vector<uint8_t>& message, size_t offset, size_t count) {
  for (size_t i = 0; i < kDescriptorCount; ++i) {
    const size_t field = kFirstDescriptor + i * ntlm::kPayloadFieldSize + 4;
    PutU32(message, field, U32At(message, field) - static_cast<uint32_t>(count));
  }
  const auto first = message.begin() + static_cast<std::ptrdiff_t>(offset);
  message.erase(first, first + static_cast<std::ptrdiff_t>(count));
}

ForgedPairs PairsOf(const ntlm::AvPairs& pairs) {
  ForgedPairs result;
  for (const ntlm::AvPair& pair : pairs.pairs()) {
    result.push_back({pair.id, {pair.value.begin(), pair.value.end()}});
  }
  return result;
}

void WritePairs(const ForgedPairs& pairs, ByteWriter& out) {
  for (const ForgedPair& pair : pairs) {
    Require(WriteAvPair(pair.id, pair.value, out), "an AV pair is too long");
  }
  ntlm::WriteAvEol(out);
}

ForgedPairs ClaimedPairs(const ForgedClient& client, const ChallengeMessage& challenge) {
  ForgedPairs pairs = PairsOf(challenge.av_pairs);
  if (client.av_flags.has_value()) {
    pairs.push_back({AvId::kFlags, FlagsValue(*client.av_flags)});
  }
  if (client.binding.has_value()) {
    const auto& token = client.binding->octets;
    pairs.push_back({AvId::kChannelBindings, {token.begin(), token.end()}});
  }
  if (client.target_name.has_value()) {
    pairs.push_back({AvId::kTargetName, Utf16(*client.target_name)});
  }
  if (client.edit_pairs) {
    client.edit_pairs(pairs);
  }
  return pairs;
}

std::vector<uint8_t> Prove(const ForgedClient& client, const ChallengeMessage& challenge,
                           Secret<16>& session_key) {
  ByteWriter temp;
  temp.WriteU16(0x0101);
  temp.WriteZeros(6);
  temp.WriteU64(challenge.av_pairs.timestamp().value_or(0));
  temp.WriteU64(0x1122334455667788);
  temp.WriteZeros(4);
  WritePairs(ClaimedPairs(client, challenge), temp);
  temp.WriteZeros(4);
  const auto hash = ValueOrDie(ntlm::NtHashFromPassword(client.password));
  const Secret<16> ntowf = ntlm::NtowfV2(hash, Utf16(client.user), Utf16(client.domain));
  const Secret<16> proof = ntlm::NtProof(ntowf, challenge.server_challenge, temp.written());
  session_key = ntlm::SessionBaseKey(ntowf, proof.Expose());
  std::vector<uint8_t> response(proof.Expose().begin(), proof.Expose().end());
  response.insert(response.end(), temp.written().begin(), temp.written().end());
  return response;
}

}  // namespace

std::vector<uint8_t>& ValueOf(ForgedPairs& pairs, AvId id) {
  const auto pair = std::ranges::find(pairs, id, &ForgedPair::id);
  Require(pair != pairs.end(), "no such AV pair");
  return pair->value;
}

void Remove(ForgedPairs& pairs, AvId id) {
  Require(std::erase_if(pairs, [id](const ForgedPair& pair) { return pair.id == id; }) != 0,
          "no such AV pair");
}

std::vector<uint8_t> Utf16(std::string_view text) {
  auto octets = Utf8ToUtf16Le(text);
  Require(octets.has_value(), "not UTF-8");
  return *std::move(octets);
}

std::vector<uint8_t> FlagsValue(uint32_t flags) {
  std::vector<uint8_t> value(4);
  PutU32(value, 0, flags);
  return value;
}

std::vector<uint8_t> ForgedClient::Negotiate() const {
  ntlm::NegotiateMessage message;
  message.flags = offered_flags;
  message.version = kVersion;
  return ValueOrDie(WriteNegotiateMessage(message));
}

std::vector<uint8_t> ForgedClient::Authenticate(std::span<const uint8_t> negotiate,
                                                std::span<const uint8_t> challenge) const {
  ChallengeMessage parsed;
  Require(!ReadChallengeMessage(challenge, parsed).has_value(), "malformed CHALLENGE");
  const std::vector<uint8_t> user_octets = Utf16(user);
  const std::vector<uint8_t> domain_octets = Utf16(domain);
  const std::vector<uint8_t> workstation_octets = Utf16(workstation);
  Secret<16> session_key;
  const std::vector<uint8_t> proved = Prove(*this, parsed, session_key);
  const std::vector<uint8_t> lm = lm_response.value_or(std::vector<uint8_t>(24));
  AuthenticateMessage message;
  message.flags = offered_flags & parsed.flags & kept_flags;
  if ((message.flags & ntlm::kNegotiateVersion) != 0) {
    message.version = kVersion;
  }
  message.user = user_octets;
  message.domain = domain_octets;
  message.workstation = workstation_octets;
  message.lm_response = lm;
  message.nt_response = nt_response.has_value() ? *nt_response : proved;
  Secret<16> exported = session_key;
  Secret<16> wrapped;
  if (ntlm::ExchangesSessionKey(message.flags)) {
    std::ranges::fill(exported.ExposeMutable(), uint8_t{0x55});
    wrapped = crypto::Rc4WrapKey(session_key, exported.Expose());
    message.encrypted_session_key = wrapped.Expose();
  }
  if (session_key_field.has_value()) {
    message.encrypted_session_key = *session_key_field;
  }
  if (mic_by_session_key_field) {
    exported = crypto::Rc4WrapKey(session_key, message.encrypted_session_key.first<16>());
  }
  auto written = ValueOrDie(WriteAuthenticateMessage(message));
  if (write_mic) {
    const Secret<16> mic =
        ntlm::Mic(exported, negotiate, challenge, written.octets, written.mic_offset);
    std::ranges::copy(mic.Expose(), MicIn(written.octets).begin());
  }
  return std::move(written.octets);
}

Exchange RunForged(const ForgedClient& client, ExchangeSetup setup) {
  const TestServer server(std::move(setup.policy), std::move(setup.acceptor),
                          std::move(setup.server_channel));
  const auto alter = [](const auto& attacker, std::vector<uint8_t>& message) {
    if (attacker) {
      attacker(message);
    }
  };
  Exchange exchange;
  exchange.audit = server.audit;
  exchange.server = server.Accept();
  const std::vector<uint8_t> negotiate = client.Negotiate();
  exchange.negotiate = negotiate;
  alter(setup.on_negotiate, exchange.negotiate);
  exchange.server_result = StepOrDie(*exchange.server, exchange.negotiate);
  exchange.challenge = exchange.server_result.token;
  alter(setup.on_challenge, exchange.challenge);
  exchange.authenticate = client.Authenticate(negotiate, exchange.challenge);
  alter(setup.on_authenticate, exchange.authenticate);
  exchange.server_result = StepOrDie(*exchange.server, exchange.authenticate);
  return exchange;
}

uint32_t FlagsOf(std::span<const uint8_t> message) { return U32At(message, FlagsOffset(message)); }

void ClearFlags(std::vector<uint8_t>& message, uint32_t flags) {
  PutU32(message, FlagsOffset(message), FlagsOf(message) & ~flags);
}

void SetFlags(std::vector<uint8_t>& message, uint32_t flags) {
  PutU32(message, FlagsOffset(message), FlagsOf(message) | flags);
}

std::span<uint8_t> ServerChallengeOf(std::vector<uint8_t>& challenge) {
  return std::span(challenge).subspan(24, 8);
}

void EditTargetInfo(std::vector<uint8_t>& challenge,
                    const std::function<void(ForgedPairs&)>& edit) {
  const std::vector<uint8_t> before = challenge;
  ChallengeMessage message = ValueOrDie(ntlm::ParseChallengeMessage(before));
  ForgedPairs pairs = PairsOf(message.av_pairs);
  edit(pairs);
  ByteWriter info;
  WritePairs(pairs, info);
  message.target_info = info.written();
  challenge = ValueOrDie(WriteChallengeMessage(message));
}

std::span<uint8_t> AvValueIn(std::vector<uint8_t>& authenticate, AvId id) {
  const AuthenticateMessage message = ValueOrDie(ntlm::ParseAuthenticateMessage(authenticate));
  const ntlm::AvPair* pair = message.v2.av_pairs.Find(id);
  Require(pair != nullptr, "no such AV pair");
  return Mutable(authenticate, pair->value);
}

std::span<uint8_t> NtResponseIn(std::vector<uint8_t>& authenticate) {
  return Mutable(authenticate,
                 ValueOrDie(ntlm::ParseAuthenticateMessage(authenticate)).nt_response);
}

std::span<uint8_t> UserIn(std::vector<uint8_t>& authenticate) {
  return Mutable(authenticate, ValueOrDie(ntlm::ParseAuthenticateMessage(authenticate)).user);
}

std::span<uint8_t> DomainIn(std::vector<uint8_t>& authenticate) {
  return Mutable(authenticate, ValueOrDie(ntlm::ParseAuthenticateMessage(authenticate)).domain);
}

std::span<uint8_t> SessionKeyIn(std::vector<uint8_t>& authenticate) {
  return Mutable(authenticate,
                 ValueOrDie(ntlm::ParseAuthenticateMessage(authenticate)).encrypted_session_key);
}

std::span<uint8_t> MicIn(std::vector<uint8_t>& authenticate) {
  return std::span(authenticate).subspan(kMicOffset, ntlm::kMicSize);
}

void StripMic(std::vector<uint8_t>& authenticate) {
  RemoveHeaderOctets(authenticate, kMicOffset, ntlm::kMicSize);
}

void StripMicAndVersion(std::vector<uint8_t>& authenticate) {
  RemoveHeaderOctets(authenticate, kVersionOffset, ntlm::kVersionSize + ntlm::kMicSize);
  ClearFlags(authenticate, ntlm::kNegotiateVersion);
}

void ReplaceResponses(std::vector<uint8_t>& authenticate, std::span<const uint8_t> nt_response,
                      std::span<const uint8_t> lm_response) {
  const std::vector<uint8_t> before = authenticate;
  AuthenticateMessage message = ValueOrDie(ntlm::ParseAuthenticateMessage(before));
  message.nt_response = nt_response;
  message.lm_response = lm_response;
  const std::span<const uint8_t> mic = MicOf(message, before);
  authenticate = ValueOrDie(WriteAuthenticateMessage(message)).octets;
  std::ranges::copy(mic, MicIn(authenticate).begin());
}

}  // namespace epa::test
