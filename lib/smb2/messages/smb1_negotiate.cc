#include "lib/smb2/messages/smb1_negotiate.h"

#include <algorithm>
#include <string_view>

#include "lib/base/byte_reader.h"
#include "lib/smb2/wire.h"

namespace epa::smb2 {
namespace {

constexpr uint8_t kNegotiateCommand = 0x72;   // [MS-CIFS] 2.2.4.52
constexpr size_t kAfterCommand = 32 - 4 - 1;  // [MS-CIFS] 2.2.3.1: the rest of the header
constexpr uint8_t kDialectFormat = 0x02;      // [MS-CIFS] 2.2.4.52.1: BufferFormat

// One "\x02name\0".
bool ReadDialect(ByteReader& reader, std::string_view& name) {
  uint8_t format = 0;
  if (!reader.ReadU8(format) || format != kDialectFormat) {
    return false;
  }
  const auto rest = reader.rest();
  const auto end = std::find(rest.begin(), rest.end(), uint8_t{0});
  if (end == rest.end()) {
    return false;
  }
  const auto size = static_cast<size_t>(end - rest.begin());
  name = {reinterpret_cast<const char*>(rest.data()), size};
  return reader.Skip(size + 1);
}

}  // namespace

bool IsSmb1(std::span<const uint8_t> message) { return ByteReader(message).Match(kSmb1ProtocolId); }

absl::StatusOr<Smb1Negotiate> ParseSmb1Negotiate(std::span<const uint8_t> message) {
  ByteReader reader(message);
  uint8_t command = 0;
  uint8_t word_count = 0;
  uint16_t byte_count = 0;
  std::span<const uint8_t> dialects;
  if (!reader.Match(kSmb1ProtocolId) || !reader.ReadU8(command) || command != kNegotiateCommand ||
      !reader.Skip(kAfterCommand) || !reader.ReadU8(word_count) ||
      !reader.Skip(size_t{2} * word_count) || !reader.ReadU16(byte_count) ||
      !reader.ReadSpan(byte_count, dialects)) {
    return MalformedAt(reader, "not an SMB1 NEGOTIATE");
  }
  Smb1Negotiate request;
  ByteReader list(dialects);
  while (!list.at_end()) {
    std::string_view name;
    if (!ReadDialect(list, name)) {
      return MalformedAt(list, "an SMB1 dialect is malformed");
    }
    request.offers_2_0_2 |= name == "SMB 2.002";
    request.offers_wildcard |= name == "SMB 2.???";
  }
  return request;
}

}  // namespace epa::smb2
