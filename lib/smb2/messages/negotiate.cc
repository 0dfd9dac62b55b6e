#include "lib/smb2/messages/negotiate.h"

#include <algorithm>
#include <utility>

#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"
#include "lib/base/status_macros.h"
#include "lib/smb2/wire.h"

namespace epa::smb2 {
namespace {

constexpr uint16_t kRequestSize = 36;   // 2.2.3: StructureSize
constexpr uint16_t kResponseSize = 65;  // 2.2.4
// From the header's start: where a response's token begins.
constexpr size_t kTokenOffset = kHeaderSize + 64;

}  // namespace

bool NegotiateRequest::Offers(Dialect dialect) const {
  return std::find(dialects.begin(), dialects.end(), static_cast<uint16_t>(dialect)) !=
         dialects.end();
}

absl::StatusOr<NegotiateRequest> ParseNegotiateRequest(std::span<const uint8_t> message) {
  ByteReader reader(message);
  NegotiateRequest request;
  uint16_t structure_size = 0;
  uint16_t dialect_count = 0;
  uint32_t context_offset = 0;  // with the next: ClientStartTime below 3.1.1
  uint16_t context_count = 0;
  if (!reader.Skip(kHeaderSize) || !reader.ReadU16(structure_size) ||
      !reader.ReadU16(dialect_count) || !reader.ReadU16(request.security_mode) || !reader.Skip(2) ||
      !reader.ReadU32(request.capabilities) ||
      !reader.ReadArray(std::span<uint8_t, 16>(request.client_guid)) ||
      !reader.ReadU32(context_offset) || !reader.ReadU16(context_count) || !reader.Skip(2)) {
    return MalformedAt(reader, "the NEGOTIATE request is cut short");
  }
  if (structure_size != kRequestSize) {
    return MalformedAt(reader, "the NEGOTIATE request's structure size is not 36");
  }
  if (dialect_count == 0 || dialect_count > kMaxDialects) {
    return MalformedAt(reader, "the NEGOTIATE request offers no dialect or too many");
  }
  request.dialects.resize(dialect_count);
  for (uint16_t& dialect : request.dialects) {
    if (!reader.ReadU16(dialect)) {
      return MalformedAt(reader, "the list of dialects is cut short");
    }
  }
  if (request.Offers(Dialect::k311)) {
    EPA_ASSIGN_OR_RETURN(request.contexts,
                         ParseNegotiateContexts(message, context_offset, context_count));
  }
  return request;
}

std::vector<uint8_t> WriteNegotiateRequest(const NegotiateRequest& request) {
  ByteWriter contexts;
  uint16_t context_count = 0;
  const size_t dialects_end = kHeaderSize + kRequestSize + 2 * request.dialects.size();
  const size_t context_offset = (dialects_end + 7) / 8 * 8;
  if (request.contexts.has_value()) {
    context_count = WriteNegotiateContexts(*request.contexts, contexts);
  }
  ByteWriter writer;
  writer.WriteU16(kRequestSize);
  writer.WriteU16(static_cast<uint16_t>(request.dialects.size()));
  writer.WriteU16(request.security_mode);
  writer.WriteU16(0);
  writer.WriteU32(request.capabilities);
  writer.WriteBytes(request.client_guid);
  writer.WriteU32(request.contexts.has_value() ? static_cast<uint32_t>(context_offset) : 0);
  writer.WriteU16(context_count);
  writer.WriteU16(0);
  for (const uint16_t dialect : request.dialects) {
    writer.WriteU16(dialect);
  }
  if (request.contexts.has_value()) {
    writer.WriteZeros(context_offset - dialects_end);
    writer.WriteBytes(contexts.written());
  }
  return std::move(writer).Take();
}

absl::StatusOr<NegotiateResponse> ParseNegotiateResponse(std::span<const uint8_t> message) {
  ByteReader reader(message);
  NegotiateResponse response;
  uint16_t structure_size = 0;
  uint16_t context_count = 0;
  uint64_t start_time = 0;
  uint16_t token_offset = 0;
  uint16_t token_size = 0;
  uint32_t context_offset = 0;
  if (!reader.Skip(kHeaderSize) || !reader.ReadU16(structure_size) ||
      !reader.ReadU16(response.security_mode) || !reader.ReadU16(response.dialect) ||
      !reader.ReadU16(context_count) ||
      !reader.ReadArray(std::span<uint8_t, 16>(response.server_guid)) ||
      !reader.ReadU32(response.capabilities) || !reader.ReadU32(response.max_transact_size) ||
      !reader.ReadU32(response.max_read_size) || !reader.ReadU32(response.max_write_size) ||
      !reader.ReadU64(response.system_time) || !reader.ReadU64(start_time) ||
      !reader.ReadU16(token_offset) || !reader.ReadU16(token_size) ||
      !reader.ReadU32(context_offset)) {
    return MalformedAt(reader, "the NEGOTIATE response is cut short");
  }
  if (structure_size != kResponseSize) {
    return MalformedAt(reader, "the NEGOTIATE response's structure size is not 65");
  }
  if (token_size != 0 && !reader.SpanAt(token_offset, token_size, response.token)) {
    return MalformedAt(reader, "the NEGOTIATE response's token is not in the message");
  }
  if (response.dialect == static_cast<uint16_t>(Dialect::k311)) {
    EPA_ASSIGN_OR_RETURN(response.contexts,
                         ParseNegotiateContexts(message, context_offset, context_count));
  }
  return response;
}

std::vector<uint8_t> WriteNegotiateResponse(const NegotiateResponse& response) {
  ByteWriter contexts;
  uint16_t context_count = 0;
  const size_t token_end = kTokenOffset + response.token.size();
  const size_t context_offset = (token_end + 7) / 8 * 8;
  if (response.contexts.has_value()) {
    context_count = WriteNegotiateContexts(*response.contexts, contexts);
  }
  ByteWriter writer;
  writer.WriteU16(kResponseSize);
  writer.WriteU16(response.security_mode);
  writer.WriteU16(response.dialect);
  writer.WriteU16(context_count);
  writer.WriteBytes(response.server_guid);
  writer.WriteU32(response.capabilities);
  writer.WriteU32(response.max_transact_size);
  writer.WriteU32(response.max_read_size);
  writer.WriteU32(response.max_write_size);
  writer.WriteU64(response.system_time);
  writer.WriteU64(0);  // ServerStartTime: not told
  writer.WriteU16(kTokenOffset);
  writer.WriteU16(static_cast<uint16_t>(response.token.size()));
  writer.WriteU32(response.contexts.has_value() ? static_cast<uint32_t>(context_offset) : 0);
  writer.WriteBytes(response.token);
  if (response.contexts.has_value()) {
    writer.WriteZeros(context_offset - token_end);
    writer.WriteBytes(contexts.written());
  }
  return std::move(writer).Take();
}

}  // namespace epa::smb2
