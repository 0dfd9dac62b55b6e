#include "providers/kerberos/checksum.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"

namespace epa::kerberos {
namespace {

constexpr uint32_t kBindingLength = 16;    // Lgth
constexpr uint16_t kDelegationOption = 1;  // DlgOpt
constexpr size_t kMaxDelegation = 0xFFFF;  // Dlgth has 16 bits

absl::Status Malformed(const ByteReader& reader, const char* what) {
  return absl::InvalidArgumentError("offset " + std::to_string(reader.offset()) + ": " + what);
}

}  // namespace

absl::StatusOr<GssChecksum> ReadGssChecksum(std::span<const uint8_t> octets) {
  ByteReader reader(octets);
  GssChecksum checksum;
  uint32_t length = 0;
  if (!reader.ReadU32(length) || length != kBindingLength) {
    return Malformed(reader, "the binding's length is not 16");
  }
  if (!reader.ReadArray(std::span<uint8_t, 16>(checksum.binding.octets)) ||
      !reader.ReadU32(checksum.flags)) {
    return Malformed(reader, "the checksum is shorter than 24 octets");
  }
  if ((checksum.flags & kDelegation) == 0) {
    return checksum;
  }
  uint16_t option = 0, size = 0;
  if (!reader.ReadU16(option) || option != kDelegationOption || !reader.ReadU16(size) ||
      size == 0 || !reader.ReadSpan(size, checksum.delegated)) {
    return Malformed(reader, "the delegated credentials are missing or cut off");
  }
  return checksum;
}

absl::StatusOr<std::vector<uint8_t>> WriteGssChecksum(const GssChecksum& checksum) {
  const bool delegates = (checksum.flags & kDelegation) != 0;
  if (delegates == checksum.delegated.empty() || checksum.delegated.size() > kMaxDelegation) {
    return absl::InvalidArgumentError("the delegated credentials do not go with the flags");
  }
  ByteWriter writer(28 + checksum.delegated.size());
  writer.WriteU32(kBindingLength);
  writer.WriteBytes(checksum.binding.octets);
  writer.WriteU32(checksum.flags);
  if (delegates) {
    writer.WriteU16(kDelegationOption);
    writer.WriteU16(static_cast<uint16_t>(checksum.delegated.size()));
    writer.WriteBytes(checksum.delegated);
  }
  return std::move(writer).Take();
}

}  // namespace epa::kerberos
