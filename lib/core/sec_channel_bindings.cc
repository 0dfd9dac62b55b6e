// The API structures SEC_CHANNEL_BINDINGS and SEC_CHANNEL_BINDINGS_EX (sspi.h): never on a wire.
#include <array>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "epa/core/channel_bindings.h"
#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"
#include "lib/base/status_macros.h"

namespace epa {
namespace {

constexpr uint32_t kHeaderSize = 32;
constexpr uint32_t kExtendedHeaderSize = 48;
constexpr uint32_t kExtendedMagic = 0x58454243;  // "CBEX"

void WriteFields(const ChannelBindingFields& fields, uint32_t header_size, ByteWriter& writer) {
  uint32_t offset = header_size;
  const auto write_place = [&](const std::vector<uint8_t>& part) {
    const auto size = static_cast<uint32_t>(part.size());
    writer.WriteU32(size);
    writer.WriteU32(size == 0 ? 0 : offset);
    offset += size;
  };
  writer.WriteU32(fields.initiator_address_type);
  write_place(fields.initiator_address);
  writer.WriteU32(fields.acceptor_address_type);
  write_place(fields.acceptor_address);
  write_place(fields.application_data);
  writer.WriteBytes(fields.initiator_address);
  writer.WriteBytes(fields.acceptor_address);
  writer.WriteBytes(fields.application_data);
}

uint32_t PayloadSize(const ChannelBindingFields& fields) {
  return static_cast<uint32_t>(fields.initiator_address.size() + fields.acceptor_address.size() +
                               fields.application_data.size());
}

absl::Status ReadPart(ByteReader& header, uint32_t header_size, std::string_view name,
                      std::vector<uint8_t>& out) {
  uint32_t size = 0;
  uint32_t offset = 0;
  if (!header.ReadU32(size) || !header.ReadU32(offset)) {
    return absl::InvalidArgumentError("SEC_CHANNEL_BINDINGS: the header is cut off");
  }
  if (size == 0) {
    return absl::OkStatus();
  }
  std::span<const uint8_t> part;
  if (offset < header_size || !header.SpanAt(offset, size, part)) {
    return absl::InvalidArgumentError("SEC_CHANNEL_BINDINGS: " + std::string(name) +
                                      " lies outside the payload");
  }
  out.assign(part.begin(), part.end());
  return absl::OkStatus();
}

}  // namespace

std::vector<uint8_t> ChannelBindings::ToSecChannelBindings() const {
  ByteWriter writer(kHeaderSize + PayloadSize(fields_));
  WriteFields(fields_, kHeaderSize, writer);
  return std::move(writer).Take();
}

std::vector<uint8_t> ChannelBindings::ToSecChannelBindingsEx(uint32_t flags) const {
  const uint32_t size = kExtendedHeaderSize + PayloadSize(fields_);
  ByteWriter writer(size);
  writer.WriteU32(kExtendedMagic);
  writer.WriteU32(flags);
  writer.WriteU32(kExtendedHeaderSize);
  writer.WriteU32(size);
  WriteFields(fields_, kExtendedHeaderSize, writer);
  return std::move(writer).Take();
}

absl::StatusOr<ParsedSecChannelBindings> ChannelBindings::ParseSecChannelBindings(
    std::span<const uint8_t> buffer) {
  ByteReader reader(buffer);
  uint32_t header_size = kHeaderSize;
  std::optional<uint32_t> extended_flags;
  constexpr std::array<uint8_t, 4> kMagicOctets = {'C', 'B', 'E', 'X'};
  if (reader.Match(kMagicOctets)) {
    uint32_t flags = 0;
    uint32_t structure_size = 0;
    if (!reader.ReadU32(flags) || !reader.ReadU32(header_size) || !reader.ReadU32(structure_size)) {
      return absl::InvalidArgumentError("SEC_CHANNEL_BINDINGS_EX: the header is cut off");
    }
    if (header_size < kExtendedHeaderSize || structure_size < header_size ||
        structure_size > buffer.size()) {
      return absl::InvalidArgumentError("SEC_CHANNEL_BINDINGS_EX: its lengths contradict");
    }
    extended_flags = flags;
  }
  ChannelBindingFields fields;
  if (!reader.ReadU32(fields.initiator_address_type)) {
    return absl::InvalidArgumentError("SEC_CHANNEL_BINDINGS: the header is cut off");
  }
  EPA_RETURN_IF_ERROR(
      ReadPart(reader, header_size, "the initiator address", fields.initiator_address));
  if (!reader.ReadU32(fields.acceptor_address_type)) {
    return absl::InvalidArgumentError("SEC_CHANNEL_BINDINGS: the header is cut off");
  }
  EPA_RETURN_IF_ERROR(
      ReadPart(reader, header_size, "the acceptor address", fields.acceptor_address));
  EPA_RETURN_IF_ERROR(
      ReadPart(reader, header_size, "the application data", fields.application_data));
  EPA_ASSIGN_OR_RETURN(auto bindings, FromFields(std::move(fields)));
  return ParsedSecChannelBindings{std::move(bindings), extended_flags};
}

}  // namespace epa
