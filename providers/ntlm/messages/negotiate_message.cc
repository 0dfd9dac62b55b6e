#include "providers/ntlm/messages/negotiate_message.h"

#include <algorithm>

#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

// [MS-NLMP] 2.2.1.1: signature, type, flags, two fields, version.
constexpr size_t kFlagsOffset = 12;
constexpr size_t kDomainFieldOffset = 16;
constexpr size_t kWorkstationFieldOffset = 24;
constexpr size_t kVersionOffset = 32;
constexpr size_t kPayloadOffset = kVersionOffset + kVersionSize;

// A name counts only when its flag is set ([MS-NLMP] 2.2.1.1), and lies behind its own field:
// there are clients that send the first field and no second one. `payload` becomes the lowest
// offset of a payload seen.
bool ReadName(std::span<const uint8_t> octets, size_t field_offset, size_t& payload,
              std::span<const uint8_t>& out) {
  ByteReader reader(octets);
  PayloadField field;
  if (!reader.Skip(field_offset) || !ReadPayloadField(reader, field) ||
      !ResolvePayload(octets, reader.offset(), field, out)) {
    return false;
  }
  if (!out.empty()) {
    payload = std::min<size_t>(payload, field.offset);
  }
  return true;
}

}  // namespace

std::optional<MessageFault> ReadNegotiateMessage(std::span<const uint8_t> octets,
                                                 NegotiateMessage& out) {
  out = {};
  ByteReader reader(octets);
  if (!ReadMessageStart(MessageType::kNegotiate, reader)) {
    return Malformed(0, "not an NTLM NEGOTIATE message");
  }
  if (!reader.ReadU32(out.flags)) {
    return Malformed(kFlagsOffset, "message ends within NegotiateFlags");
  }
  size_t payload = octets.size();
  if ((out.flags & kNegotiateOemDomainSupplied) != 0 &&
      !ReadName(octets, kDomainFieldOffset, payload, out.domain)) {
    return Malformed(kDomainFieldOffset, "DomainName leaves the payload");
  }
  if ((out.flags & kNegotiateOemWorkstationSupplied) != 0 &&
      !ReadName(octets, kWorkstationFieldOffset, payload, out.workstation)) {
    return Malformed(kWorkstationFieldOffset, "Workstation leaves the payload");
  }
  Version version;
  ByteReader version_reader(octets);
  if ((out.flags & kNegotiateVersion) != 0 && payload >= kPayloadOffset &&
      version_reader.Skip(kVersionOffset) && ReadVersion(version_reader, version)) {
    out.version = version;
  }
  return std::nullopt;
}

absl::StatusOr<NegotiateMessage> ParseNegotiateMessage(std::span<const uint8_t> octets) {
  NegotiateMessage message;
  const std::optional<MessageFault> fault = ReadNegotiateMessage(octets, message);
  return ToStatusOr(fault, message);
}

absl::StatusOr<std::vector<uint8_t>> WriteNegotiateMessage(const NegotiateMessage& message) {
  if (std::max(message.domain.size(), message.workstation.size()) > kMaxPayloadFieldLength) {
    return absl::InvalidArgumentError("a name of an NTLM message is longer than 65535 octets");
  }
  constexpr uint32_t kFollowing =
      kNegotiateOemDomainSupplied | kNegotiateOemWorkstationSupplied | kNegotiateVersion;
  uint32_t flags = message.flags & ~kFollowing;
  flags |= message.domain.empty() ? 0 : kNegotiateOemDomainSupplied;
  flags |= message.workstation.empty() ? 0 : kNegotiateOemWorkstationSupplied;
  flags |= message.version.has_value() ? kNegotiateVersion : 0;

  ByteWriter out(kPayloadOffset + message.domain.size() + message.workstation.size());
  WriteMessageStart(MessageType::kNegotiate, out);
  out.WriteU32(flags);
  size_t payload_offset = kPayloadOffset;
  for (std::span<const uint8_t> name : {message.domain, message.workstation}) {
    // As Windows does it, an absent name has no offset either.
    size_t no_offset = 0;
    WritePayloadField(name.size(), name.empty() ? no_offset : payload_offset, out);
  }
  WriteVersion(message.version.value_or(Version{}), out);
  out.WriteBytes(message.domain);
  out.WriteBytes(message.workstation);
  return std::move(out).Take();
}

}  // namespace epa::ntlm
