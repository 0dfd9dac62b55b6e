#include "lib/smb2/messages/session_setup.h"

#include <utility>

#include "epa/smb2/protocol.h"
#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"
#include "lib/smb2/wire.h"

namespace epa::smb2 {
namespace {

constexpr uint16_t kRequestSize = 25;  // 2.2.5: StructureSize
constexpr uint16_t kResponseSize = 9;  // 2.2.6
// From the header's start: where the tokens begin.
constexpr uint16_t kRequestTokenOffset = kHeaderSize + 24;
constexpr uint16_t kResponseTokenOffset = kHeaderSize + 8;

// An absent token's offset means nothing.
bool ReadToken(const ByteReader& reader, uint16_t offset, uint16_t size,
               std::span<const uint8_t>& out) {
  return size == 0 || (offset >= kHeaderSize && reader.SpanAt(offset, size, out));
}

}  // namespace

absl::StatusOr<SessionSetupRequest> ParseSessionSetupRequest(std::span<const uint8_t> message) {
  ByteReader reader(message);
  SessionSetupRequest request;
  uint16_t structure_size = 0;
  uint32_t channel = 0;
  uint16_t token_offset = 0;
  uint16_t token_size = 0;
  if (!reader.Skip(kHeaderSize) || !reader.ReadU16(structure_size) ||
      !reader.ReadU8(request.flags) || !reader.ReadU8(request.security_mode) ||
      !reader.ReadU32(request.capabilities) || !reader.ReadU32(channel) ||
      !reader.ReadU16(token_offset) || !reader.ReadU16(token_size) ||
      !reader.ReadU64(request.previous_session_id)) {
    return MalformedAt(reader, "the SESSION_SETUP request is cut short");
  }
  if (structure_size != kRequestSize) {
    return MalformedAt(reader, "the SESSION_SETUP request's structure size is not 25");
  }
  if (!ReadToken(reader, token_offset, token_size, request.token)) {
    return MalformedAt(reader, "the SESSION_SETUP request's token is not in the message");
  }
  return request;
}

std::vector<uint8_t> WriteSessionSetupRequest(const SessionSetupRequest& request) {
  ByteWriter writer(kRequestSize + request.token.size());
  writer.WriteU16(kRequestSize);
  writer.WriteU8(request.flags);
  writer.WriteU8(request.security_mode);
  writer.WriteU32(request.capabilities);
  writer.WriteU32(0);
  writer.WriteU16(kRequestTokenOffset);
  writer.WriteU16(static_cast<uint16_t>(request.token.size()));
  writer.WriteU64(request.previous_session_id);
  writer.WriteBytes(request.token);
  return std::move(writer).Take();
}

absl::StatusOr<SessionSetupResponse> ParseSessionSetupResponse(std::span<const uint8_t> message) {
  ByteReader reader(message);
  SessionSetupResponse response;
  uint16_t structure_size = 0;
  uint16_t token_offset = 0;
  uint16_t token_size = 0;
  if (!reader.Skip(kHeaderSize) || !reader.ReadU16(structure_size) ||
      !reader.ReadU16(response.session_flags) || !reader.ReadU16(token_offset) ||
      !reader.ReadU16(token_size)) {
    return MalformedAt(reader, "the SESSION_SETUP response is cut short");
  }
  if (structure_size != kResponseSize) {
    return MalformedAt(reader, "the SESSION_SETUP response's structure size is not 9");
  }
  if (!ReadToken(reader, token_offset, token_size, response.token)) {
    return MalformedAt(reader, "the SESSION_SETUP response's token is not in the message");
  }
  return response;
}

std::vector<uint8_t> WriteSessionSetupResponse(const SessionSetupResponse& response) {
  ByteWriter writer(kResponseSize + response.token.size());
  writer.WriteU16(kResponseSize);
  writer.WriteU16(response.session_flags);
  writer.WriteU16(kResponseTokenOffset);
  writer.WriteU16(static_cast<uint16_t>(response.token.size()));
  writer.WriteBytes(response.token);
  return std::move(writer).Take();
}

}  // namespace epa::smb2
