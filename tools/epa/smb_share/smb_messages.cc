#include "tools/epa/smb_share/smb_messages.h"

#include "epa/smb2/protocol.h"
#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"
#include "lib/base/utf16.h"

namespace epa::tool {
namespace {

using smb2::kHeaderSize;
// StructureSize counts one octet of a buffer that has a variable length.
constexpr size_t kVariable = 1;

// Past StructureSize, where it is the one expected and the message is as long as that.
bool Begin(ByteReader& reader, uint16_t structure_size) {
  uint16_t size = 0;
  const size_t least = structure_size - structure_size % 2;
  return reader.remaining() >= least && reader.ReadU16(size) && size == structure_size;
}

// A part of the message; `offset` counts from its header.
bool PartAt(const ByteReader& reader, uint32_t offset, uint32_t length,
            std::span<const uint8_t>& part) {
  if (length == 0) {
    part = {};
    return true;
  }
  return offset >= kHeaderSize && reader.SpanAt(offset - kHeaderSize, length, part);
}

bool ReadFileId(ByteReader& reader, SmbFileId& file) {
  return reader.ReadU64(file.persistent) && reader.ReadU64(file.temporary);
}

void WriteFileId(ByteWriter& writer, const SmbFileId& file) {
  writer.WriteU64(file.persistent);
  writer.WriteU64(file.temporary);
}

bool ReadText(const ByteReader& reader, uint16_t offset, uint16_t length, std::string& text) {
  std::span<const uint8_t> octets;
  if (!PartAt(reader, offset, length, octets)) {
    return false;
  }
  std::optional<std::string> utf8 = Utf16LeToUtf8(octets);
  if (!utf8.has_value()) {
    return false;
  }
  text = *std::move(utf8);
  return true;
}

void WriteTimes(ByteWriter& writer, const SmbFileTimes& times) {
  writer.WriteU64(times.created);
  writer.WriteU64(times.accessed);
  writer.WriteU64(times.written);
  writer.WriteU64(times.changed);
}

bool ReadTimes(ByteReader& reader, SmbFileTimes& times) {
  return reader.ReadU64(times.created) && reader.ReadU64(times.accessed) &&
         reader.ReadU64(times.written) && reader.ReadU64(times.changed);
}

void WriteSizes(ByteWriter& writer, const SmbFileSizes& sizes) {
  writer.WriteU64(sizes.allocated);
  writer.WriteU64(sizes.end);
}

// A variable part may be empty, but not missing: its first octet is counted in StructureSize.
std::vector<uint8_t> Finish(ByteWriter writer, std::span<const uint8_t> variable) {
  writer.WriteBytes(variable);
  writer.WriteZeros(variable.empty() ? kVariable : 0);
  return std::move(writer).Take();
}

}  // namespace

std::optional<TreeConnectRequest> TreeConnectRequest::Read(std::span<const uint8_t> body) {
  ByteReader reader(body);
  TreeConnectRequest request;
  uint16_t offset = 0;
  uint16_t length = 0;
  if (!Begin(reader, 8 + kVariable) || !reader.Skip(2) || !reader.ReadU16(offset) ||
      !reader.ReadU16(length) || !ReadText(reader, offset, length, request.path)) {
    return std::nullopt;
  }
  return request;
}

std::optional<std::vector<uint8_t>> TreeConnectRequest::Write() const {
  const auto text = Utf8ToUtf16Le(path);
  if (!text.has_value() || text->size() > UINT16_MAX) {
    return std::nullopt;
  }
  ByteWriter writer;
  writer.WriteU16(8 + kVariable);
  writer.WriteU16(0);
  writer.WriteU16(kHeaderSize + 8);
  writer.WriteU16(static_cast<uint16_t>(text->size()));
  return Finish(std::move(writer), *text);
}

std::optional<TreeConnectResponse> TreeConnectResponse::Read(std::span<const uint8_t> body) {
  ByteReader reader(body);
  TreeConnectResponse response;
  if (!Begin(reader, 16) || !reader.ReadU8(response.share_type) || !reader.Skip(1) ||
      !reader.ReadU32(response.share_flags) || !reader.ReadU32(response.capabilities) ||
      !reader.ReadU32(response.maximal_access)) {
    return std::nullopt;
  }
  return response;
}

std::vector<uint8_t> TreeConnectResponse::Write() const {
  ByteWriter writer;
  writer.WriteU16(16);
  writer.WriteU8(share_type);
  writer.WriteU8(0);
  writer.WriteU32(share_flags);
  writer.WriteU32(capabilities);
  writer.WriteU32(maximal_access);
  return std::move(writer).Take();
}

std::optional<CreateRequest> CreateRequest::Read(std::span<const uint8_t> body) {
  ByteReader reader(body);
  CreateRequest request;
  uint16_t offset = 0;
  uint16_t length = 0;
  // SecurityFlags, oplock, impersonation, flags, reserved; then attributes and share access.
  if (!Begin(reader, 56 + kVariable) || !reader.Skip(1 + 1 + 4 + 8 + 8) ||
      !reader.ReadU32(request.desired_access) || !reader.Skip(4 + 4) ||
      !reader.ReadU32(request.disposition) || !reader.ReadU32(request.options) ||
      !reader.ReadU16(offset) || !reader.ReadU16(length) ||
      !ReadText(reader, offset, length, request.name)) {
    return std::nullopt;
  }
  return request;
}

std::optional<std::vector<uint8_t>> CreateRequest::Write() const {
  constexpr uint32_t kImpersonation = 2;
  constexpr uint32_t kShareAll = 7;
  const auto text = Utf8ToUtf16Le(name);
  if (!text.has_value() || text->size() > UINT16_MAX) {
    return std::nullopt;
  }
  ByteWriter writer;
  writer.WriteU16(56 + kVariable);
  writer.WriteZeros(2);
  writer.WriteU32(kImpersonation);
  writer.WriteZeros(16);
  writer.WriteU32(desired_access);
  writer.WriteU32(0);
  writer.WriteU32(kShareAll);
  writer.WriteU32(disposition);
  writer.WriteU32(options);
  writer.WriteU16(kHeaderSize + 56);
  writer.WriteU16(static_cast<uint16_t>(text->size()));
  writer.WriteZeros(8);
  return Finish(std::move(writer), *text);
}

std::optional<CreateResponse> CreateResponse::Read(std::span<const uint8_t> body) {
  ByteReader reader(body);
  CreateResponse response;
  if (!Begin(reader, 88 + kVariable) || !reader.Skip(1 + 1 + 4) ||
      !ReadTimes(reader, response.times) || !reader.ReadU64(response.sizes.allocated) ||
      !reader.ReadU64(response.sizes.end) || !reader.ReadU32(response.attributes) ||
      !reader.Skip(4) || !ReadFileId(reader, response.file)) {
    return std::nullopt;
  }
  return response;
}

std::vector<uint8_t> CreateResponse::Write() const {
  constexpr uint32_t kOpened = 1;
  ByteWriter writer;
  writer.WriteU16(88 + kVariable);
  writer.WriteZeros(2);  // no oplock
  writer.WriteU32(kOpened);
  WriteTimes(writer, times);
  WriteSizes(writer, sizes);
  writer.WriteU32(attributes);
  writer.WriteU32(0);
  WriteFileId(writer, file);
  writer.WriteZeros(8);  // no contexts
  return std::move(writer).Take();
}

std::optional<CloseRequest> CloseRequest::Read(std::span<const uint8_t> body) {
  constexpr uint16_t kPostQuery = 1;
  ByteReader reader(body);
  CloseRequest request;
  uint16_t flags = 0;
  if (!Begin(reader, 24) || !reader.ReadU16(flags) || !reader.Skip(4) ||
      !ReadFileId(reader, request.file)) {
    return std::nullopt;
  }
  request.wants_facts = (flags & kPostQuery) != 0;
  return request;
}

std::vector<uint8_t> CloseRequest::Write() const {
  ByteWriter writer;
  writer.WriteU16(24);
  writer.WriteU16(wants_facts ? 1 : 0);
  writer.WriteU32(0);
  WriteFileId(writer, file);
  return std::move(writer).Take();
}

std::vector<uint8_t> CloseResponse::Write() const {
  ByteWriter writer;
  writer.WriteU16(60);
  writer.WriteU16(has_facts ? 1 : 0);
  writer.WriteU32(0);
  WriteTimes(writer, times);
  WriteSizes(writer, sizes);
  writer.WriteU32(attributes);
  return std::move(writer).Take();
}

std::optional<ReadRequest> ReadRequest::Read(std::span<const uint8_t> body) {
  ByteReader reader(body);
  ReadRequest request;
  if (!Begin(reader, 48 + kVariable) || !reader.Skip(2) || !reader.ReadU32(request.length) ||
      !reader.ReadU64(request.offset) || !ReadFileId(reader, request.file) ||
      !reader.ReadU32(request.minimum)) {
    return std::nullopt;
  }
  return request;
}

std::vector<uint8_t> ReadRequest::Write() const {
  ByteWriter writer;
  writer.WriteU16(48 + kVariable);
  writer.WriteZeros(2);
  writer.WriteU32(length);
  writer.WriteU64(offset);
  WriteFileId(writer, file);
  writer.WriteU32(minimum);
  writer.WriteZeros(12);
  return Finish(std::move(writer), {});
}

std::optional<std::span<const uint8_t>> ReadResponse::Read(std::span<const uint8_t> body) {
  ByteReader reader(body);
  uint8_t offset = 0;
  uint32_t length = 0;
  std::span<const uint8_t> data;
  if (!Begin(reader, 16 + kVariable) || !reader.ReadU8(offset) || !reader.Skip(1) ||
      !reader.ReadU32(length) || !PartAt(reader, offset, length, data)) {
    return std::nullopt;
  }
  return data;
}

std::vector<uint8_t> ReadResponse::Write(std::span<const uint8_t> data) {
  ByteWriter writer(16 + data.size());
  writer.WriteU16(16 + kVariable);
  writer.WriteU8(kHeaderSize + 16);
  writer.WriteU8(0);
  writer.WriteU32(static_cast<uint32_t>(data.size()));
  writer.WriteZeros(8);
  return Finish(std::move(writer), data);
}

std::optional<QueryDirectoryRequest> QueryDirectoryRequest::Read(std::span<const uint8_t> body) {
  ByteReader reader(body);
  QueryDirectoryRequest request;
  uint16_t offset = 0;
  uint16_t length = 0;
  if (!Begin(reader, 32 + kVariable) || !reader.ReadU8(request.information_class) ||
      !reader.ReadU8(request.flags) || !reader.Skip(4) || !ReadFileId(reader, request.file) ||
      !reader.ReadU16(offset) || !reader.ReadU16(length) || !reader.ReadU32(request.output_limit) ||
      !ReadText(reader, offset, length, request.pattern)) {
    return std::nullopt;
  }
  return request;
}

std::optional<std::vector<uint8_t>> QueryDirectoryRequest::Write() const {
  const auto text = Utf8ToUtf16Le(pattern);
  if (!text.has_value() || text->size() > UINT16_MAX) {
    return std::nullopt;
  }
  ByteWriter writer;
  writer.WriteU16(32 + kVariable);
  writer.WriteU8(information_class);
  writer.WriteU8(flags);
  writer.WriteU32(0);
  WriteFileId(writer, file);
  writer.WriteU16(kHeaderSize + 32);
  writer.WriteU16(static_cast<uint16_t>(text->size()));
  writer.WriteU32(output_limit);
  return Finish(std::move(writer), *text);
}

std::optional<QueryInfoRequest> QueryInfoRequest::Read(std::span<const uint8_t> body) {
  ByteReader reader(body);
  QueryInfoRequest request;
  // An input buffer names attributes and quotas, which are not served.
  if (!Begin(reader, 40 + kVariable) || !reader.ReadU8(request.type) ||
      !reader.ReadU8(request.information_class) || !reader.ReadU32(request.output_limit) ||
      !reader.Skip(2 + 2 + 4) || !reader.ReadU32(request.additional) || !reader.Skip(4) ||
      !ReadFileId(reader, request.file)) {
    return std::nullopt;
  }
  return request;
}

std::optional<std::span<const uint8_t>> OutputResponse::Read(std::span<const uint8_t> body) {
  ByteReader reader(body);
  uint16_t offset = 0;
  uint32_t length = 0;
  std::span<const uint8_t> output;
  if (!Begin(reader, 8 + kVariable) || !reader.ReadU16(offset) || !reader.ReadU32(length) ||
      !PartAt(reader, offset, length, output)) {
    return std::nullopt;
  }
  return output;
}

std::vector<uint8_t> OutputResponse::Write(std::span<const uint8_t> output) {
  ByteWriter writer(8 + output.size());
  writer.WriteU16(8 + kVariable);
  writer.WriteU16(kHeaderSize + 8);
  writer.WriteU32(static_cast<uint32_t>(output.size()));
  return Finish(std::move(writer), output);
}

std::optional<IoctlRequest> IoctlRequest::Read(std::span<const uint8_t> body) {
  ByteReader reader(body);
  IoctlRequest request;
  if (!Begin(reader, 56 + kVariable) || !reader.Skip(2) || !reader.ReadU32(request.code)) {
    return std::nullopt;
  }
  return request;
}

std::vector<uint8_t> WriteEmptyMessage() {
  ByteWriter writer;
  writer.WriteU16(4);
  writer.WriteU16(0);
  return std::move(writer).Take();
}

}  // namespace epa::tool
