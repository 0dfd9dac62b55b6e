#include "providers/ntlm/messages/av_pairs.h"

#include <algorithm>

#include "lib/base/byte_reader.h"

namespace epa::ntlm {
namespace {

// [MS-NLMP] 2.2.2.1 and 2.2.2.2.
constexpr size_t kFlagsSize = 4;
constexpr size_t kTimestampSize = 8;
constexpr size_t kSingleHostSize = 48;
constexpr size_t kChannelBindingsSize = 16;
// Size and Z4 of Single_Host_Data, ahead of CustomData.
constexpr size_t kSingleHostHeaderSize = 8;
constexpr size_t kCustomDataSize = 8;
constexpr size_t kMachineIdSize = 32;

constexpr size_t kMaxTrailingZeros = 16;
constexpr size_t kMaxValueLength = 0xFFFF;

// Null when `length` is right for `id`.
const char* WrongLength(AvId id, size_t length) {
  switch (id) {
    case AvId::kEol:
      return length == 0 ? nullptr : "MsvAvEOL has a value";
    case AvId::kFlags:
      return length == kFlagsSize ? nullptr : "MsvAvFlags is not 4 octets";
    case AvId::kTimestamp:
      return length == kTimestampSize ? nullptr : "MsvAvTimestamp is not 8 octets";
    case AvId::kSingleHost:
      return length == kSingleHostSize ? nullptr : "MsvAvSingleHost is not 48 octets";
    case AvId::kChannelBindings:
      return length == kChannelBindingsSize ? nullptr : "MsvAvChannelBindings is not 16 octets";
    case AvId::kNbComputerName:
    case AvId::kNbDomainName:
    case AvId::kDnsComputerName:
    case AvId::kDnsDomainName:
    case AvId::kDnsTreeName:
    case AvId::kTargetName:
      return length % 2 == 0 ? nullptr : "UTF-16 value of odd length";
  }
  return nullptr;  // an id that the specification does not know
}

std::optional<MessageFault> CheckTrailer(const ByteReader& reader, AvTrailer trailer) {
  const std::span<const uint8_t> rest = reader.rest();
  if (trailer == AvTrailer::kNothing && !rest.empty()) {
    return Malformed(reader.offset(), "octets after MsvAvEOL");
  }
  if (rest.size() > kMaxTrailingZeros) {
    return Malformed(reader.offset(), "more than 16 octets after MsvAvEOL");
  }
  if (std::any_of(rest.begin(), rest.end(), [](uint8_t octet) { return octet != 0; })) {
    return Malformed(reader.offset(), "octets other than zero after MsvAvEOL");
  }
  return std::nullopt;
}

}  // namespace

std::string_view AvIdName(AvId id) {
  switch (id) {
    case AvId::kEol:
      return "MsvAvEOL";
    case AvId::kNbComputerName:
      return "MsvAvNbComputerName";
    case AvId::kNbDomainName:
      return "MsvAvNbDomainName";
    case AvId::kDnsComputerName:
      return "MsvAvDnsComputerName";
    case AvId::kDnsDomainName:
      return "MsvAvDnsDomainName";
    case AvId::kDnsTreeName:
      return "MsvAvDnsTreeName";
    case AvId::kFlags:
      return "MsvAvFlags";
    case AvId::kTimestamp:
      return "MsvAvTimestamp";
    case AvId::kSingleHost:
      return "MsvAvSingleHost";
    case AvId::kTargetName:
      return "MsvAvTargetName";
    case AvId::kChannelBindings:
      return "MsvAvChannelBindings";
  }
  return "";
}

bool IsTextAvId(AvId id) {
  return (id >= AvId::kNbComputerName && id <= AvId::kDnsTreeName) || id == AvId::kTargetName;
}

const AvPair* AvPairs::Find(AvId id) const {
  for (const AvPair& pair : pairs()) {
    if (pair.id == id) {
      return &pair;
    }
  }
  return nullptr;
}

std::optional<uint32_t> AvPairs::flags() const {
  const AvPair* pair = Find(AvId::kFlags);
  uint32_t value = 0;
  if (pair == nullptr || !ByteReader(pair->value).ReadU32(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<uint64_t> AvPairs::timestamp() const {
  const AvPair* pair = Find(AvId::kTimestamp);
  uint64_t value = 0;
  if (pair == nullptr || !ByteReader(pair->value).ReadU64(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::span<const uint8_t>> AvPairs::target_name() const {
  const AvPair* pair = Find(AvId::kTargetName);
  if (pair == nullptr) {
    return std::nullopt;
  }
  return pair->value;
}

std::optional<std::span<const uint8_t, 16>> AvPairs::channel_bindings() const {
  const AvPair* pair = Find(AvId::kChannelBindings);
  if (pair == nullptr) {
    return std::nullopt;
  }
  return pair->value.first<kChannelBindingsSize>();
}

std::optional<SingleHost> AvPairs::single_host() const {
  const AvPair* pair = Find(AvId::kSingleHost);
  if (pair == nullptr) {
    return std::nullopt;
  }
  return SingleHost{pair->value.subspan<kSingleHostHeaderSize, kCustomDataSize>(),
                    pair->value.subspan<kSingleHostHeaderSize + kCustomDataSize, kMachineIdSize>()};
}

std::optional<MessageFault> ReadAvPairs(std::span<const uint8_t> octets, AvTrailer trailer,
                                        AvPairs& out) {
  out.count_ = 0;
  ByteReader reader(octets);
  while (trailer == AvTrailer::kZeros || !octets.empty()) {
    const size_t start = reader.offset();
    uint16_t id = 0;
    uint16_t length = 0;
    AvPair pair;
    if (!reader.ReadU16(id) || !reader.ReadU16(length)) {
      return Malformed(start, "AV pairs end without MsvAvEOL");
    }
    pair.id = AvId{id};
    if (!reader.ReadSpan(length, pair.value)) {
      return Malformed(start, "AV pair leaves the list");
    }
    if (const char* what = WrongLength(pair.id, length); what != nullptr) {
      return Malformed(start, what);
    }
    if (pair.id == AvId::kEol) {
      return CheckTrailer(reader, trailer);
    }
    if (out.Find(pair.id) != nullptr) {
      return MessageFault{FaultKind::kDuplicateAvPair, start, "AvId occurs twice"};
    }
    if (out.count_ == kMaxAvPairs) {
      return Malformed(start, "more than 16 AV pairs");
    }
    out.pairs_.at(out.count_++) = pair;
  }
  return std::nullopt;
}

absl::StatusOr<AvPairs> ParseAvPairs(std::span<const uint8_t> octets, AvTrailer trailer) {
  AvPairs pairs;
  const std::optional<MessageFault> fault = ReadAvPairs(octets, trailer, pairs);
  return ToStatusOr(fault, pairs);
}

bool WriteAvPair(AvId id, std::span<const uint8_t> value, ByteWriter& out) {
  if (value.size() > kMaxValueLength) {
    return false;
  }
  out.WriteU16(static_cast<uint16_t>(id));
  out.WriteU16(static_cast<uint16_t>(value.size()));
  out.WriteBytes(value);
  return true;
}

void WriteAvFlags(uint32_t flags, ByteWriter& out) {
  out.WriteU16(static_cast<uint16_t>(AvId::kFlags));
  out.WriteU16(kFlagsSize);
  out.WriteU32(flags);
}

void WriteAvTimestamp(uint64_t file_time, ByteWriter& out) {
  out.WriteU16(static_cast<uint16_t>(AvId::kTimestamp));
  out.WriteU16(kTimestampSize);
  out.WriteU64(file_time);
}

void WriteAvSingleHost(std::span<const uint8_t, 32> machine_id, ByteWriter& out) {
  out.WriteU16(static_cast<uint16_t>(AvId::kSingleHost));
  out.WriteU16(kSingleHostSize);
  out.WriteU32(kSingleHostSize);
  out.WriteZeros(4);
  out.WriteZeros(8);
  out.WriteBytes(machine_id);
}

void WriteAvEol(ByteWriter& out) {
  out.WriteU16(static_cast<uint16_t>(AvId::kEol));
  out.WriteU16(0);
}

}  // namespace epa::ntlm
