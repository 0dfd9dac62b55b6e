#include "providers/kerberos/pac.h"

#include <krb5/krb5.h>

#include <array>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"
#include "lib/base/utf16.h"

namespace epa::kerberos {
namespace {

// [MS-DTYP] 2.4.2: a SID has at most 15 parts after its authority.
constexpr size_t kMaxSubAuthorities = 15;

// A pointer that was announced, RPC_UNICODE_STRING's length included.
struct Text {
  uint16_t size = 0;  // in octets
  bool present = false;
};

// The fixed part, [MS-PAC] 2.5, as far as the deferred part and we need it.
struct Fixed {
  std::array<Text, 6> names;  // effective, full, script, profile, home, drive
  uint32_t user_id = 0;
  uint32_t primary_group = 0;
  uint32_t group_count = 0;
  bool groups = false;
  Text server;
  Text domain;
  bool domain_sid = false;
  uint32_t sid_count = 0;
  bool sids = false;
  bool resource_domain_sid = false;
  uint32_t resource_count = 0;
  bool resources = false;
};

struct Membership {
  uint32_t id = 0;
};

bool ReadText(ByteReader& reader, Text& out) {
  uint16_t maximum = 0;
  uint32_t pointer = 0;
  if (!reader.ReadU16(out.size) || !reader.ReadU16(maximum) || !reader.ReadU32(pointer)) {
    return false;
  }
  out.present = pointer != 0;
  return out.size % 2 == 0;
}

bool ReadPointer(ByteReader& reader, bool& present) {
  uint32_t pointer = 0;
  const bool read = reader.ReadU32(pointer);
  present = pointer != 0;
  return read;
}

bool ReadFixed(ByteReader& reader, Fixed& out) {
  constexpr size_t kTimes = 6 * 8;
  constexpr size_t kCounters = 2 + 2;
  constexpr size_t kFlagsAndKey = 4 + 16;
  // Reserved1, UserAccountControl, SubAuthStatus, two times, FailedILogonCount, Reserved3.
  constexpr size_t kToSidCount = 8 + 4 + 4 + 8 + 8 + 4 + 4;
  if (!reader.Skip(kTimes)) {
    return false;
  }
  for (Text& name : out.names) {
    if (!ReadText(reader, name)) {
      return false;
    }
  }
  return reader.Skip(kCounters) && reader.ReadU32(out.user_id) &&
         reader.ReadU32(out.primary_group) && reader.ReadU32(out.group_count) &&
         ReadPointer(reader, out.groups) && reader.Skip(kFlagsAndKey) &&
         ReadText(reader, out.server) && ReadText(reader, out.domain) &&
         ReadPointer(reader, out.domain_sid) && reader.Skip(kToSidCount) &&
         reader.ReadU32(out.sid_count) && ReadPointer(reader, out.sids) &&
         ReadPointer(reader, out.resource_domain_sid) && reader.ReadU32(out.resource_count) &&
         ReadPointer(reader, out.resources);
}

bool Align(ByteReader& reader) {
  const size_t past = reader.offset() % 4;
  return past == 0 || reader.Skip(4 - past);
}

// A conformant and varying string: the maximum, an offset, the count, the characters.
bool ReadDeferredText(ByteReader& reader, const Text& text, std::string* out) {
  if (!text.present) {
    return true;
  }
  uint32_t maximum = 0, offset = 0, count = 0;
  std::span<const uint8_t> characters;
  if (!Align(reader) || !reader.ReadU32(maximum) || !reader.ReadU32(offset) ||
      !reader.ReadU32(count) || offset != 0 || count > maximum || count < text.size / 2 ||
      !reader.ReadSpan(size_t{count} * 2, characters)) {
    return false;
  }
  if (out == nullptr) {
    return true;
  }
  auto utf8 = Utf16LeToUtf8(characters.first(text.size));
  if (!utf8.has_value() || utf8->find('\0') != std::string::npos) {
    return false;
  }
  *out = *std::move(utf8);
  return true;
}

// The count, then that many elements of two 32-bit values.
bool ReadPairs(ByteReader& reader, uint32_t expected, std::vector<Membership>& out) {
  uint32_t count = 0;
  if (!Align(reader) || !reader.ReadU32(count) || count != expected ||
      count > reader.remaining() / 8) {
    return false;
  }
  out.resize(count);
  for (Membership& membership : out) {
    uint32_t attributes = 0;
    if (!reader.ReadU32(membership.id) || !reader.ReadU32(attributes)) {
      return false;
    }
  }
  return true;
}

// [MS-DTYP] 2.4.2.3, with NDR's count before it.
bool ReadSid(ByteReader& reader, std::string& out) {
  uint32_t count = 0;
  uint8_t revision = 0, parts = 0;
  std::span<const uint8_t> authority;
  if (!Align(reader) || !reader.ReadU32(count) || !reader.ReadU8(revision) ||
      !reader.ReadU8(parts) || revision != 1 || parts != count || parts > kMaxSubAuthorities ||
      !reader.ReadSpan(6, authority)) {
    return false;
  }
  uint64_t value = 0;
  for (const uint8_t octet : authority) {
    value = value << 8 | octet;
  }
  out = "S-1-" + std::to_string(value);
  for (uint8_t i = 0; i < parts; ++i) {
    uint32_t part = 0;
    if (!reader.ReadU32(part)) {
      return false;
    }
    out += "-" + std::to_string(part);
  }
  return true;
}

bool ReadGroups(ByteReader& reader, const std::string* domain, bool present, uint32_t count,
                std::vector<std::string>& out) {
  std::vector<Membership> groups;
  if (!present) {
    return true;
  }
  if (!ReadPairs(reader, count, groups)) {
    return false;
  }
  for (const Membership& group : groups) {
    out.push_back((domain != nullptr ? *domain + "-" : "") + std::to_string(group.id));
  }
  return true;
}

bool ReadExtraSids(ByteReader& reader, const Fixed& fixed, std::vector<std::string>& out) {
  std::vector<Membership> pointers;
  if (!fixed.sids) {
    return true;
  }
  if (!ReadPairs(reader, fixed.sid_count, pointers)) {
    return false;
  }
  for (const Membership& pointer : pointers) {
    std::string sid;
    if (pointer.id == 0 || !ReadSid(reader, sid)) {
      return false;
    }
    out.push_back(std::move(sid));
  }
  return true;
}

// What the pointers point to, in their order.
bool ReadDeferred(ByteReader& reader, const Fixed& fixed, LogonInformation& out) {
  for (const Text& name : fixed.names) {
    std::string* const wanted = &name == &fixed.names.front() ? &out.logon_name : nullptr;
    if (!ReadDeferredText(reader, name, wanted)) {
      return false;
    }
  }
  std::vector<std::string> relative;
  std::string domain_sid, resource_sid;
  if (!ReadGroups(reader, nullptr, fixed.groups, fixed.group_count, relative) ||
      !ReadDeferredText(reader, fixed.server, nullptr) ||
      !ReadDeferredText(reader, fixed.domain, &out.logon_domain) || !fixed.domain_sid ||
      !ReadSid(reader, domain_sid) || out.logon_name.empty() || out.logon_domain.empty()) {
    return false;
  }
  // [MS-PAC] 2.5: with a UserId of 0 the account's own SID would be among the others.
  if (fixed.user_id == 0) {
    return false;
  }
  out.user_sid = domain_sid + "-" + std::to_string(fixed.user_id);
  out.group_sids.push_back(domain_sid + "-" + std::to_string(fixed.primary_group));
  for (const std::string& id : relative) {
    if (id != std::to_string(fixed.primary_group)) {
      out.group_sids.push_back(domain_sid + "-" + id);
    }
  }
  return ReadExtraSids(reader, fixed, out.group_sids) &&
         (!fixed.resource_domain_sid || ReadSid(reader, resource_sid)) &&
         ReadGroups(reader, &resource_sid, fixed.resources && fixed.resource_domain_sid,
                    fixed.resource_count, out.group_sids);
}

// PAC_INFO_BUFFER, [MS-PAC] 2.4.
struct BufferPlace {
  uint32_t type = 0;
  uint32_t size = 0;
  uint64_t offset = 0;
};

bool ReadPlace(ByteReader& reader, BufferPlace& out) {
  return reader.ReadU32(out.type) && reader.ReadU32(out.size) && reader.ReadU64(out.offset);
}

std::span<const uint8_t>* BufferOf(uint32_t type, PacBuffers& buffers) {
  switch (type) {
    case KRB5_PAC_LOGON_INFO:
      return &buffers.logon_information;
    case KRB5_PAC_CLIENT_INFO:
      return &buffers.client_information;
    case KRB5_PAC_SERVER_CHECKSUM:
      return &buffers.server_signature;
    case KRB5_PAC_PRIVSVR_CHECKSUM:
      return &buffers.kdc_signature;
    default:
      return nullptr;
  }
}

}  // namespace

bool ReadPacBuffers(std::span<const uint8_t> octets, PacBuffers& out) {
  ByteReader reader(octets);
  uint32_t count = 0, version = 0;
  if (!reader.ReadU32(count) || !reader.ReadU32(version) || version != 0) {
    return false;
  }
  for (BufferPlace place; count > 0; --count) {
    if (!ReadPlace(reader, place) || place.size == 0 || place.offset > octets.size() ||
        place.size > octets.size() - place.offset) {
      return false;
    }
    std::span<const uint8_t>* const buffer = BufferOf(place.type, out);
    if (buffer != nullptr && !buffer->empty()) {
      return false;
    }
    if (buffer != nullptr) {
      *buffer = octets.subspan(place.offset, place.size);
    }
  }
  return !out.client_information.empty() && !out.server_signature.empty() &&
         !out.kdc_signature.empty();
}

std::optional<ClientInformation> ReadClientInformation(std::span<const uint8_t> octets) {
  ByteReader reader(octets);
  ClientInformation information;
  uint16_t size = 0;
  std::span<const uint8_t> name;
  if (!reader.ReadU64(information.authentication_time) || !reader.ReadU16(size) ||
      !reader.ReadSpan(size, name)) {
    return std::nullopt;
  }
  std::optional<std::string> text = Utf16LeToUtf8(name);
  if (!text.has_value()) {
    return std::nullopt;
  }
  information.name = *std::move(text);
  return information;
}

absl::StatusOr<LogonInformation> ReadLogonInformation(std::span<const uint8_t> octets) {
  ByteReader reader(octets);
  // Type serialisation version 1, little-endian ([MS-RPCE] 2.2.6): 8 octets, then 8 more with the
  // length, then the pointer to the structure.
  constexpr std::array<uint8_t, 4> kCommonHeader = {0x01, 0x10, 0x08, 0x00};
  constexpr size_t kRestOfHeaders = 12;
  bool present = false;
  Fixed fixed;
  LogonInformation information;
  if (!reader.Match(kCommonHeader) || !reader.Skip(kRestOfHeaders) ||
      !ReadPointer(reader, present) || !present || !ReadFixed(reader, fixed) ||
      !ReadDeferred(reader, fixed, information)) {
    return absl::InvalidArgumentError("logon information: malformed at offset " +
                                      std::to_string(reader.offset()));
  }
  return information;
}

}  // namespace epa::kerberos
