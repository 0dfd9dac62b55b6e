#include "providers/ntlm/messages/authenticate_message.h"

#include <algorithm>

#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

// [MS-NLMP] 2.2.1.3: signature, type, six fields, flags, version, MIC.
constexpr size_t kFieldsOffset = 12;
constexpr size_t kFieldCount = 6;
constexpr size_t kFlagsOffset = kFieldsOffset + kFieldCount * kPayloadFieldSize;
constexpr size_t kVersionOffset = 64;
constexpr size_t kMicOffset = kVersionOffset + kVersionSize;
constexpr size_t kPayloadOffset = kMicOffset + kMicSize;

constexpr size_t kLmResponseSize = 24;
constexpr size_t kSessionKeySize = 16;
constexpr uint8_t kResponseVersion = 1;

struct FieldInfo {
  const char* complaint;
  std::span<const uint8_t> AuthenticateMessage::*view;
};
// In the order of the header.
constexpr std::array<FieldInfo, kFieldCount> kFields = {{
    {"LmChallengeResponse leaves the payload", &AuthenticateMessage::lm_response},
    {"NtChallengeResponse leaves the payload", &AuthenticateMessage::nt_response},
    {"DomainName leaves the payload", &AuthenticateMessage::domain},
    {"UserName leaves the payload", &AuthenticateMessage::user},
    {"Workstation leaves the payload", &AuthenticateMessage::workstation},
    {"EncryptedRandomSessionKey leaves the payload", &AuthenticateMessage::encrypted_session_key},
}};
using FieldTable = std::array<PayloadField, kFieldCount>;
constexpr size_t kNtIndex = 1;
constexpr size_t kFirstNameIndex = 2;
constexpr size_t kSessionKeyIndex = 5;

constexpr size_t FieldOffset(size_t index) { return kFieldsOffset + index * kPayloadFieldSize; }

// Resolves every field, whatever is wrong with another; the first fault is the result.
std::optional<MessageFault> ResolveFields(std::span<const uint8_t> octets, const FieldTable& fields,
                                          AuthenticateMessage& out) {
  std::optional<MessageFault> first;
  for (size_t i = 0; i < kFieldCount; ++i) {
    const FieldInfo& info = kFields.at(i);
    if (!ResolvePayload(octets, kVersionOffset, fields.at(i), out.*info.view) &&
        !first.has_value()) {
      first = Malformed(FieldOffset(i), info.complaint);
    }
  }
  return first;
}

// Version and MIC are there when the payload leaves room for them.
void LocateVersionAndMic(std::span<const uint8_t> octets, const FieldTable& fields,
                         AuthenticateMessage& out) {
  size_t payload = octets.size();
  for (const PayloadField& field : fields) {
    payload = field.length != 0 ? std::min<size_t>(payload, field.offset) : payload;
  }
  ByteReader reader(octets);
  Version version;
  if ((out.flags & kNegotiateVersion) != 0) {
    if (payload >= kMicOffset && reader.Skip(kVersionOffset) && ReadVersion(reader, version)) {
      out.version = version;
    }
  } else if (payload == kVersionOffset + kMicSize) {
    // gss-ntlmssp leaves the version out and sends the MIC in its place.
    out.mic_offset = kVersionOffset;
  }
  if (payload >= kPayloadOffset) {
    out.mic_offset = kMicOffset;
  }
}

std::optional<MessageFault> ReadNtResponse(const PayloadField& field, AuthenticateMessage& out) {
  out.nt_kind = NtResponseKind::kMalformed;
  if (out.nt_response.empty()) {
    out.nt_kind = NtResponseKind::kNone;
    return std::nullopt;
  }
  if (out.nt_response.size() == kNtlmV1ResponseSize) {
    out.nt_kind = NtResponseKind::kNtlmV1;
    return std::nullopt;
  }
  std::optional<MessageFault> fault = ReadNtlmV2Response(out.nt_response, out.v2);
  if (fault.has_value()) {
    fault->offset += field.offset;
    return fault;
  }
  out.nt_kind = NtResponseKind::kNtlmV2;
  return std::nullopt;
}

// Beside an NTLMv1 response, which is refused for what it is, there are clients that declare
// Unicode and send OEM names: they are to be told the former.
std::optional<MessageFault> CheckNames(const AuthenticateMessage& message) {
  if (message.nt_kind == NtResponseKind::kNtlmV1) {
    return std::nullopt;
  }
  if ((message.flags & (kNegotiateUnicode | kNegotiateOem)) == 0) {
    return Malformed(kFlagsOffset, "neither Unicode nor OEM names are negotiated");
  }
  for (size_t i = kFirstNameIndex; i < kSessionKeyIndex; ++i) {
    const std::span<const uint8_t> name = message.*kFields.at(i).view;
    if ((message.flags & kNegotiateUnicode) != 0 && name.size() % 2 != 0) {
      return Malformed(FieldOffset(i), "UTF-16 name of odd length");
    }
  }
  return std::nullopt;
}

std::optional<MessageFault> CheckPromises(const AuthenticateMessage& message) {
  if (message.nt_kind != NtResponseKind::kNtlmV2) {
    return std::nullopt;
  }
  const bool mic_promised = (message.v2.av_pairs.flags().value_or(0) & kAvFlagMicPresent) != 0;
  if (mic_promised && !message.mic_offset.has_value()) {
    return MessageFault{FaultKind::kMicMissing, kMicOffset,
                        "MsvAvFlags promises a MIC and the payload lies in its place"};
  }
  if (ExchangesSessionKey(message.flags) &&
      message.encrypted_session_key.size() != kSessionKeySize) {
    return MessageFault{FaultKind::kSessionKeyMissing, FieldOffset(kSessionKeyIndex),
                        "EncryptedRandomSessionKey is not 16 octets"};
  }
  return std::nullopt;
}

}  // namespace

LmResponseKind ClassifyLmResponse(std::span<const uint8_t> response) {
  if (response.size() <= 1) {
    return LmResponseKind::kNone;
  }
  if (response.size() != kLmResponseSize) {
    return LmResponseKind::kOther;
  }
  const bool zeros =
      std::all_of(response.begin(), response.end(), [](uint8_t octet) { return octet == 0; });
  return zeros ? LmResponseKind::kZeros : LmResponseKind::kResponse;
}

std::optional<MessageFault> ReadNtlmV2Response(std::span<const uint8_t> response,
                                               NtlmV2Response& out) {
  out = {};
  ByteReader reader(response);
  if (!reader.ReadSpan(kNtProofSize, out.proof)) {
    return Malformed(0, "NT response is neither NTLMv1 nor NTLMv2: too short");
  }
  out.temp = reader.rest();
  uint8_t resp_type = 0;
  uint8_t hi_resp_type = 0;
  if (!reader.ReadU8(resp_type) || !reader.ReadU8(hi_resp_type) || !reader.Skip(6) ||
      !reader.ReadU64(out.time) || !reader.ReadSpan(8, out.client_challenge) || !reader.Skip(4)) {
    return Malformed(reader.offset(), "NT response is neither NTLMv1 nor NTLMv2: too short");
  }
  // [MS-NLMP] 2.2.2.7: "This field MUST be 0x01", of both.
  if (resp_type != kResponseVersion || hi_resp_type != kResponseVersion) {
    return Malformed(resp_type != kResponseVersion ? kNtProofSize : kNtProofSize + 1,
                     "response version of the client challenge is not 1");
  }
  std::optional<MessageFault> fault = ReadAvPairs(reader.rest(), AvTrailer::kZeros, out.av_pairs);
  if (fault.has_value()) {
    fault->offset += kNtlmV2PrefixSize;
  }
  return fault;
}

std::span<const uint8_t> MicOf(const AuthenticateMessage& parsed,
                               std::span<const uint8_t> message) {
  std::span<const uint8_t> mic;
  if (!parsed.mic_offset.has_value() ||
      !ByteReader(message).SpanAt(*parsed.mic_offset, kMicSize, mic)) {
    return {};
  }
  return mic;
}

std::optional<MessageFault> ReadAuthenticateMessage(std::span<const uint8_t> octets,
                                                    AuthenticateMessage& out) {
  out = {};
  ByteReader reader(octets);
  if (!ReadMessageStart(MessageType::kAuthenticate, reader)) {
    return Malformed(0, "not an NTLM AUTHENTICATE message");
  }
  FieldTable fields;
  for (PayloadField& field : fields) {
    if (!ReadPayloadField(reader, field)) {
      return Malformed(reader.offset(), "message ends within its payload fields");
    }
  }
  if (!reader.ReadU32(out.flags)) {
    return Malformed(kFlagsOffset, "message ends within NegotiateFlags");
  }
  LocateVersionAndMic(octets, fields, out);
  std::optional<MessageFault> fault = ResolveFields(octets, fields, out);
  out.lm_kind = ClassifyLmResponse(out.lm_response);
  const std::optional<MessageFault> nt_fault = ReadNtResponse(fields.at(kNtIndex), out);
  if (!fault.has_value()) {
    fault = nt_fault;
  }
  if (!fault.has_value()) {
    fault = CheckNames(out);
  }
  return fault.has_value() ? fault : CheckPromises(out);
}

absl::StatusOr<AuthenticateMessage> ParseAuthenticateMessage(std::span<const uint8_t> octets) {
  AuthenticateMessage message;
  const std::optional<MessageFault> fault = ReadAuthenticateMessage(octets, message);
  return ToStatusOr(fault, message);
}

absl::StatusOr<WrittenAuthenticate> WriteAuthenticateMessage(const AuthenticateMessage& message) {
  size_t total = kPayloadOffset;
  for (const FieldInfo& info : kFields) {
    const size_t size = (message.*info.view).size();
    if (size > kMaxPayloadFieldLength) {
      return absl::InvalidArgumentError("a field of an NTLM message is longer than 65535 octets");
    }
    total += size;
  }
  uint32_t flags = message.flags & ~kNegotiateVersion;
  flags |= message.version.has_value() ? kNegotiateVersion : 0;

  // Windows' order of the payload: names, responses, key.
  size_t offset = kPayloadOffset;
  const size_t names_size =
      message.domain.size() + message.user.size() + message.workstation.size();
  size_t response_offset = offset + names_size;
  ByteWriter out(total);
  WriteMessageStart(MessageType::kAuthenticate, out);
  WritePayloadField(message.lm_response.size(), response_offset, out);
  WritePayloadField(message.nt_response.size(), response_offset, out);
  WritePayloadField(message.domain.size(), offset, out);
  WritePayloadField(message.user.size(), offset, out);
  WritePayloadField(message.workstation.size(), offset, out);
  WritePayloadField(message.encrypted_session_key.size(), response_offset, out);
  out.WriteU32(flags);
  WriteVersion(message.version.value_or(Version{}), out);
  out.WriteZeros(kMicSize);
  for (std::span<const uint8_t> part :
       {message.domain, message.user, message.workstation, message.lm_response, message.nt_response,
        message.encrypted_session_key}) {
    out.WriteBytes(part);
  }
  return WrittenAuthenticate{std::move(out).Take(), kMicOffset};
}

}  // namespace epa::ntlm
