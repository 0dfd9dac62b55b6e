#include "lib/smb2/messages/validate_negotiate.h"

#include <array>
#include <utility>

#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"
#include "lib/smb2/wire.h"

namespace epa::smb2 {
namespace {

constexpr uint16_t kRequestSize = 57;   // 2.2.31: StructureSize
constexpr uint16_t kResponseSize = 49;  // 2.2.32
constexpr uint32_t kIsFsctl = 0x00000001;
// From the header's start: where the buffers begin.
constexpr uint32_t kRequestBufferOffset = kHeaderSize + 56;
constexpr uint32_t kResponseBufferOffset = kHeaderSize + 48;
constexpr uint32_t kResponseBufferSize = 24;  // 2.2.32.6
// 3.2.5.5: no file is meant.
constexpr std::array<uint8_t, 16> kNoFile = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                             0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

// Up to and with the control code, of requests and responses alike.
bool ReadStart(ByteReader& reader, uint16_t& structure_size, uint32_t& code) {
  return reader.Skip(kHeaderSize) && reader.ReadU16(structure_size) && reader.Skip(2) &&
         reader.ReadU32(code);
}

}  // namespace

std::optional<uint32_t> IoctlCode(std::span<const uint8_t> message) {
  ByteReader reader(message);
  uint16_t structure_size = 0;
  uint32_t code = 0;
  if (!ReadStart(reader, structure_size, code)) {
    return std::nullopt;
  }
  return code;
}

absl::StatusOr<ValidateNegotiateRequest> ParseValidateNegotiateRequest(
    std::span<const uint8_t> message) {
  ByteReader reader(message);
  uint16_t structure_size = 0;
  uint32_t code = 0;
  uint32_t offset = 0;
  uint32_t size = 0;
  uint32_t max_output = 0;
  std::span<const uint8_t> buffer;
  if (!ReadStart(reader, structure_size, code) || !reader.Skip(kNoFile.size()) ||
      !reader.ReadU32(offset) || !reader.ReadU32(size) || !reader.Skip(4 + 4 + 4) ||
      !reader.ReadU32(max_output) || !reader.SpanAt(offset, size, buffer)) {
    return MalformedAt(reader, "the IOCTL request is cut short");
  }
  if (structure_size != kRequestSize || code != kFsctlValidateNegotiateInfo ||
      max_output < kResponseBufferSize) {
    return MalformedAt(reader, "not a request to validate the negotiation");
  }
  ByteReader content(buffer);
  ValidateNegotiateRequest request;
  uint16_t count = 0;
  if (!content.ReadU32(request.capabilities) ||
      !content.ReadArray(std::span<uint8_t, 16>(request.client_guid)) ||
      !content.ReadU16(request.security_mode) || !content.ReadU16(count) || count > kMaxDialects) {
    return MalformedAt(content, "the negotiation to validate is cut short");
  }
  request.dialects.resize(count);
  for (uint16_t& dialect : request.dialects) {
    if (!content.ReadU16(dialect)) {
      return MalformedAt(content, "the dialects to validate are cut short");
    }
  }
  return request;
}

std::vector<uint8_t> WriteValidateNegotiateRequest(const ValidateNegotiateRequest& request) {
  const auto size = static_cast<uint32_t>(24 + 2 * request.dialects.size());
  ByteWriter writer(kRequestSize + size);
  writer.WriteU16(kRequestSize);
  writer.WriteU16(0);
  writer.WriteU32(kFsctlValidateNegotiateInfo);
  writer.WriteBytes(kNoFile);
  writer.WriteU32(kRequestBufferOffset);
  writer.WriteU32(size);
  writer.WriteU32(0);  // MaxInputResponse
  writer.WriteU32(0);  // OutputOffset
  writer.WriteU32(0);  // OutputCount
  writer.WriteU32(kResponseBufferSize);
  writer.WriteU32(kIsFsctl);
  writer.WriteU32(0);
  writer.WriteU32(request.capabilities);
  writer.WriteBytes(request.client_guid);
  writer.WriteU16(request.security_mode);
  writer.WriteU16(static_cast<uint16_t>(request.dialects.size()));
  for (const uint16_t dialect : request.dialects) {
    writer.WriteU16(dialect);
  }
  return std::move(writer).Take();
}

absl::StatusOr<ValidateNegotiateResponse> ParseValidateNegotiateResponse(
    std::span<const uint8_t> message) {
  ByteReader reader(message);
  uint16_t structure_size = 0;
  uint32_t code = 0;
  uint32_t offset = 0;
  uint32_t size = 0;
  std::span<const uint8_t> buffer;
  if (!ReadStart(reader, structure_size, code) || !reader.Skip(kNoFile.size() + 4 + 4) ||
      !reader.ReadU32(offset) || !reader.ReadU32(size) || !reader.SpanAt(offset, size, buffer)) {
    return MalformedAt(reader, "the IOCTL response is cut short");
  }
  ByteReader content(buffer);
  ValidateNegotiateResponse response;
  if (structure_size != kResponseSize || code != kFsctlValidateNegotiateInfo ||
      !content.ReadU32(response.capabilities) ||
      !content.ReadArray(std::span<uint8_t, 16>(response.server_guid)) ||
      !content.ReadU16(response.security_mode) || !content.ReadU16(response.dialect)) {
    return MalformedAt(content, "the validated negotiation is cut short");
  }
  return response;
}

std::vector<uint8_t> WriteValidateNegotiateResponse(const ValidateNegotiateResponse& response) {
  ByteWriter writer(kResponseSize + kResponseBufferSize);
  writer.WriteU16(kResponseSize);
  writer.WriteU16(0);
  writer.WriteU32(kFsctlValidateNegotiateInfo);
  writer.WriteBytes(kNoFile);
  writer.WriteU32(kResponseBufferOffset);
  writer.WriteU32(0);
  writer.WriteU32(kResponseBufferOffset);
  writer.WriteU32(kResponseBufferSize);
  writer.WriteU32(0);
  writer.WriteU32(0);
  writer.WriteU32(response.capabilities);
  writer.WriteBytes(response.server_guid);
  writer.WriteU16(response.security_mode);
  writer.WriteU16(response.dialect);
  return std::move(writer).Take();
}

}  // namespace epa::smb2
