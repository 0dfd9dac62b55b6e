#include "providers/ntlm/messages/message_header.h"

#include <algorithm>
#include <string_view>

#include "lib/base/utf16.h"
#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {

std::optional<MessageType> PeekMessageType(std::span<const uint8_t> octets) {
  for (MessageType type :
       {MessageType::kNegotiate, MessageType::kChallenge, MessageType::kAuthenticate}) {
    ByteReader reader(octets);
    if (ReadMessageStart(type, reader)) {
      return type;
    }
  }
  return std::nullopt;
}

std::optional<std::string> OemToUtf8(std::span<const uint8_t> name) {
  if (std::any_of(name.begin(), name.end(), [](uint8_t octet) { return octet > 0x7F; })) {
    return std::nullopt;
  }
  return std::string(name.begin(), name.end());
}

std::optional<std::string> NameToUtf8(std::span<const uint8_t> name, uint32_t flags) {
  return (flags & kNegotiateUnicode) != 0 ? Utf16LeToUtf8(name) : OemToUtf8(name);
}

bool ReadMessageStart(MessageType type, ByteReader& reader) {
  uint32_t value = 0;
  return reader.Match(kSignature) && reader.ReadU32(value) && value == static_cast<uint32_t>(type);
}

bool ReadPayloadField(ByteReader& reader, PayloadField& out) {
  uint16_t max_length = 0;  // ignored on receipt, [MS-NLMP] 2.2.1
  return reader.ReadU16(out.length) && reader.ReadU16(max_length) && reader.ReadU32(out.offset);
}

bool ReadVersion(ByteReader& reader, Version& out) {
  return reader.ReadU8(out.major) && reader.ReadU8(out.minor) && reader.ReadU16(out.build) &&
         reader.Skip(3) && reader.ReadU8(out.revision);
}

bool ResolvePayload(std::span<const uint8_t> message, size_t header_end, const PayloadField& field,
                    std::span<const uint8_t>& out) {
  out = {};
  if (field.length == 0) {
    return true;
  }
  return field.offset >= header_end && ByteReader(message).SpanAt(field.offset, field.length, out);
}

void WriteMessageStart(MessageType type, ByteWriter& out) {
  out.WriteBytes(kSignature);
  out.WriteU32(static_cast<uint32_t>(type));
}

void WritePayloadField(size_t length, size_t& payload_offset, ByteWriter& out) {
  out.WriteU16(static_cast<uint16_t>(length));
  out.WriteU16(static_cast<uint16_t>(length));
  out.WriteU32(static_cast<uint32_t>(payload_offset));
  payload_offset += length;
}

void WriteVersion(const Version& version, ByteWriter& out) {
  out.WriteU8(version.major);
  out.WriteU8(version.minor);
  out.WriteU16(version.build);
  out.WriteZeros(3);
  out.WriteU8(version.revision);
}

}  // namespace epa::ntlm
