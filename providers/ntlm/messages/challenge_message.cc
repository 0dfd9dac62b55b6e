#include "providers/ntlm/messages/challenge_message.h"

#include <algorithm>

#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

// [MS-NLMP] 2.2.1.2: signature, type, name field, flags, challenge, reserved, target information
// field, version.
constexpr size_t kNameFieldOffset = 12;
constexpr size_t kFlagsOffset = 20;
constexpr size_t kShortHeaderSize = 32;
constexpr size_t kInfoFieldOffset = 40;
constexpr size_t kVersionOffset = 48;
constexpr size_t kPayloadOffset = kVersionOffset + kVersionSize;

// Servers before target information existed end the header at 32 octets, and the name begins
// there. Some send target information without its flag.
bool HasInfoField(std::span<const uint8_t> octets, uint32_t flags, const PayloadField& name) {
  const bool name_in_the_way = name.length != 0 && name.offset < kVersionOffset;
  return (flags & kNegotiateTargetInfo) != 0 ||
         (octets.size() >= kVersionOffset && !name_in_the_way);
}

}  // namespace

std::optional<MessageFault> ReadChallengeMessage(std::span<const uint8_t> octets,
                                                 ChallengeMessage& out) {
  out = {};
  ByteReader reader(octets);
  PayloadField name;
  if (!ReadMessageStart(MessageType::kChallenge, reader)) {
    return Malformed(0, "not an NTLM CHALLENGE message");
  }
  if (!ReadPayloadField(reader, name)) {
    return Malformed(kNameFieldOffset, "message ends within TargetNameFields");
  }
  if (!reader.ReadU32(out.flags)) {
    return Malformed(kFlagsOffset, "message ends within NegotiateFlags");
  }
  if (!reader.ReadArray(std::span(out.server_challenge))) {
    return Malformed(reader.offset(), "message ends within ServerChallenge");
  }
  PayloadField info;
  size_t header_end = kShortHeaderSize;
  if (HasInfoField(octets, out.flags, name)) {
    if (!reader.Skip(8) || !ReadPayloadField(reader, info)) {
      return Malformed(reader.offset(), "message ends within TargetInfoFields");
    }
    header_end = kVersionOffset;
  }
  const bool name_fits = ResolvePayload(octets, header_end, name, out.target_name);
  const bool info_fits = ResolvePayload(octets, header_end, info, out.target_info);
  size_t payload = octets.size();
  for (const PayloadField& field : {name, info}) {
    payload = field.length != 0 ? std::min<size_t>(payload, field.offset) : payload;
  }
  Version version;
  if ((out.flags & kNegotiateVersion) != 0 && header_end == kVersionOffset &&
      payload >= kPayloadOffset && ReadVersion(reader, version)) {
    out.version = version;
  }
  if (!name_fits) {
    return Malformed(kNameFieldOffset, "TargetName leaves the payload");
  }
  if (!info_fits) {
    return Malformed(kInfoFieldOffset, "TargetInfo leaves the payload");
  }
  std::optional<MessageFault> fault =
      ReadAvPairs(out.target_info, AvTrailer::kNothing, out.av_pairs);
  if (fault.has_value()) {
    fault->offset += info.offset;
  }
  return fault;
}

absl::StatusOr<ChallengeMessage> ParseChallengeMessage(std::span<const uint8_t> octets) {
  ChallengeMessage message;
  const std::optional<MessageFault> fault = ReadChallengeMessage(octets, message);
  return ToStatusOr(fault, message);
}

absl::StatusOr<std::vector<uint8_t>> WriteChallengeMessage(const ChallengeMessage& message) {
  if (std::max(message.target_name.size(), message.target_info.size()) > kMaxPayloadFieldLength) {
    return absl::InvalidArgumentError("a field of an NTLM message is longer than 65535 octets");
  }
  uint32_t flags = message.flags & ~kNegotiateVersion;
  flags |= message.version.has_value() ? kNegotiateVersion : 0;

  ByteWriter out(kPayloadOffset + message.target_name.size() + message.target_info.size());
  size_t payload_offset = kPayloadOffset;
  WriteMessageStart(MessageType::kChallenge, out);
  WritePayloadField(message.target_name.size(), payload_offset, out);
  out.WriteU32(flags);
  out.WriteBytes(message.server_challenge);
  out.WriteZeros(8);
  WritePayloadField(message.target_info.size(), payload_offset, out);
  WriteVersion(message.version.value_or(Version{}), out);
  out.WriteBytes(message.target_name);
  out.WriteBytes(message.target_info);
  return std::move(out).Take();
}

}  // namespace epa::ntlm
