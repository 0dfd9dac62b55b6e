#include "epa/smb2/header.h"

#include <algorithm>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"
#include "lib/smb2/wire.h"

namespace epa::smb2 {
namespace {

bool ReadRouting(ByteReader& reader, Header& header) {
  if (header.is_async()) {
    return reader.ReadU64(header.async_id);
  }
  uint32_t reserved = 0;
  return reader.ReadU32(reserved) && reader.ReadU32(header.tree_id);
}

}  // namespace

absl::StatusOr<Header> ParseHeader(std::span<const uint8_t> message) {
  ByteReader reader(message);
  uint16_t structure_size = 0;
  if (!reader.Match(kSmb2ProtocolId)) {
    return MalformedAt(reader, "not an SMB2 message");
  }
  if (!reader.ReadU16(structure_size) || structure_size != kHeaderSize) {
    return MalformedAt(reader, "the header's structure size is not 64");
  }
  Header header;
  uint16_t command = 0;
  if (!reader.ReadU16(header.credit_charge) || !reader.ReadU32(header.status) ||
      !reader.ReadU16(command) || !reader.ReadU16(header.credits) ||
      !reader.ReadU32(header.flags) || !reader.ReadU32(header.next_command) ||
      !reader.ReadU64(header.message_id) || !ReadRouting(reader, header) ||
      !reader.ReadU64(header.session_id) ||
      !reader.ReadArray(std::span<uint8_t, kSignatureSize>(header.signature))) {
    return MalformedAt(reader, "the header is cut short");
  }
  header.command = static_cast<Command>(command);
  return header;
}

void WriteHeader(const Header& header, std::span<uint8_t, kHeaderSize> out) {
  size_t offset = 0;
  const auto write = [&out, &offset](uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      out[offset++] = static_cast<uint8_t>(value >> (8 * i));
    }
  };
  std::copy(kSmb2ProtocolId.begin(), kSmb2ProtocolId.end(), out.begin());
  offset = kSmb2ProtocolId.size();
  write(kHeaderSize, 2);
  write(header.credit_charge, 2);
  write(header.status, 4);
  write(static_cast<uint16_t>(header.command), 2);
  write(header.credits, 2);
  write(header.flags, 4);
  write(header.next_command, 4);
  write(header.message_id, 8);
  write(header.is_async() ? header.async_id : uint64_t{header.tree_id} << 32, 8);
  write(header.session_id, 8);
  std::copy(header.signature.begin(), header.signature.end(),
            out.begin() + static_cast<ptrdiff_t>(offset));
}

}  // namespace epa::smb2
