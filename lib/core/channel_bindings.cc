#include "epa/core/channel_bindings.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "epa/base/secret.h"
#include "lib/base/byte_writer.h"
#include "lib/base/status_macros.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/openssl_library.h"

namespace epa {
namespace {

// Larger application data than any binding has; keeps every length in 32 bits.
constexpr size_t kMaxPartSize = 64 * 1024;

bool HasPrefix(std::span<const uint8_t> octets, std::string_view prefix) {
  return octets.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), octets.begin(),
                    [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

}  // namespace

bool ChannelBindingToken::IsZero() const { return *this == ChannelBindingToken{}; }

bool operator==(const ChannelBindingToken& a, const ChannelBindingToken& b) {
  return ConstantTimeEquals(a.octets, b.octets);
}

std::string_view ChannelBindingTypeName(ChannelBindingType type) {
  switch (type) {
    case ChannelBindingType::kServerEndPoint:
      return "tls-server-end-point";
    case ChannelBindingType::kUnique:
      return "tls-unique";
    case ChannelBindingType::kExporter:
      return "tls-exporter";
    case ChannelBindingType::kOther:
      return "other";
  }
  return "other";
}

std::vector<uint8_t> SerializeForHash(const ChannelBindingFields& fields) {
  ByteWriter writer(20 + fields.initiator_address.size() + fields.acceptor_address.size() +
                    fields.application_data.size());
  const auto write_part = [&writer](const std::vector<uint8_t>& part) {
    writer.WriteU32(static_cast<uint32_t>(part.size()));
    writer.WriteBytes(part);
  };
  writer.WriteU32(fields.initiator_address_type);
  write_part(fields.initiator_address);
  writer.WriteU32(fields.acceptor_address_type);
  write_part(fields.acceptor_address);
  write_part(fields.application_data);
  return std::move(writer).Take();
}

ChannelBindings::ChannelBindings(ChannelBindingFields fields, const ChannelBindingToken& token)
    : fields_(std::move(fields)), token_(token) {}

absl::StatusOr<ChannelBindings> ChannelBindings::FromApplicationData(
    std::span<const uint8_t> application_data) {
  ChannelBindingFields fields;
  fields.application_data.assign(application_data.begin(), application_data.end());
  return FromFields(std::move(fields));
}

absl::StatusOr<ChannelBindings> ChannelBindings::FromFields(ChannelBindingFields fields) {
  if (fields.initiator_address.empty() && fields.acceptor_address.empty() &&
      fields.application_data.empty()) {
    return absl::InvalidArgumentError("empty channel bindings name no channel");
  }
  if (std::max({fields.initiator_address.size(), fields.acceptor_address.size(),
                fields.application_data.size()}) > kMaxPartSize) {
    return absl::InvalidArgumentError("channel bindings are longer than 64 KiB");
  }
  EPA_RETURN_IF_ERROR(crypto::OpenSslLibrary::Get().RequireMd5());
  const ChannelBindingToken token{crypto::Md5({SerializeForHash(fields)})};
  return ChannelBindings(std::move(fields), token);
}

ChannelBindingType ChannelBindings::type() const {
  if (HasPrefix(fields_.application_data, "tls-server-end-point:")) {
    return ChannelBindingType::kServerEndPoint;
  }
  if (HasPrefix(fields_.application_data, "tls-unique:")) {
    return ChannelBindingType::kUnique;
  }
  if (HasPrefix(fields_.application_data, "tls-exporter:")) {
    return ChannelBindingType::kExporter;
  }
  return ChannelBindingType::kOther;
}

}  // namespace epa
