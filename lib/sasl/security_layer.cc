#include "epa/sasl/security_layer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/endian.h"
#include "lib/base/status_macros.h"

namespace epa::sasl {
namespace {

// RFC 4422 3.7.
constexpr size_t kLengthSize = 4;

}  // namespace

uint32_t SecurityStrength(const SecurityContext& context, Layer layer) {
  switch (layer) {
    case Layer::kNone:
      return 0;
    case Layer::kIntegrity:
      return 1;
    case Layer::kConfidentiality:
      break;
  }
  constexpr size_t kBitsOfOctet = 8;
  const absl::StatusOr<SecretBytes> key = context.ExportSessionKey();
  return key.ok() ? static_cast<uint32_t>(key->size() * kBitsOfOctet) : 0;
}

absl::StatusOr<std::unique_ptr<SecurityLayer>> SecurityLayer::Create(SecurityContext& context,
                                                                     Layer layer,
                                                                     LayerLimits limits) {
  if (layer == Layer::kNone) {
    return absl::InvalidArgumentError("no security layer was negotiated");
  }
  EPA_ASSIGN_OR_RETURN(MessageProtection * protection, context.message_protection());
  // NTLM alone seals by agreement only, and in LDAP a layer of NTLM's is always sealed.
  const bool always_seals = !protection->can_seal();
  if (always_seals) {
    protection->SealUnagreed();
  }
  const WrapKind kind =
      always_seals || layer == Layer::kConfidentiality ? WrapKind::kSealed : WrapKind::kSigned;
  const size_t overhead =
      kind == WrapKind::kSealed ? protection->seal_signature_size() : protection->signature_size();
  if (limits.outgoing <= overhead || limits.incoming <= overhead) {
    return absl::InvalidArgumentError("the limits of a security layer leave no room for messages");
  }
  protection->RequireOrder();
  return std::unique_ptr<SecurityLayer>(
      new SecurityLayer(*protection, layer, kind, limits, overhead));
}

SecurityLayer::SecurityLayer(MessageProtection& protection, Layer layer, WrapKind kind,
                             LayerLimits limits, size_t overhead)
    : protection_(protection), layer_(layer), kind_(kind), limits_(limits), overhead_(overhead) {}

absl::StatusOr<std::vector<uint8_t>> SecurityLayer::Wrap(std::span<const uint8_t> octets) {
  std::vector<uint8_t> frames;
  while (!octets.empty()) {
    const auto piece = octets.first(std::min(octets.size(), most_in_message()));
    octets = octets.subspan(piece.size());
    EPA_ASSIGN_OR_RETURN(const std::vector<uint8_t> wrapped, protection_.Wrap(piece, kind_));
    const auto length = BigEndian(static_cast<uint32_t>(wrapped.size()));
    frames.insert(frames.end(), length.begin(), length.end());
    frames.insert(frames.end(), wrapped.begin(), wrapped.end());
  }
  return frames;
}

absl::Status SecurityLayer::Unwrap(std::span<const uint8_t> octets, std::vector<uint8_t>& out) {
  while (!broken_ && !octets.empty()) {
    size_t wanted = kLengthSize;
    if (incoming_.size() >= kLengthSize) {
      wanted += static_cast<size_t>(GetBigEndian(std::span(incoming_).first(kLengthSize)));
    }
    const auto piece = octets.first(std::min(octets.size(), wanted - incoming_.size()));
    octets = octets.subspan(piece.size());
    incoming_.insert(incoming_.end(), piece.begin(), piece.end());
    if (incoming_.size() == wanted) {
      const absl::Status status = UnwrapNext(out);
      broken_ = !status.ok();
      EPA_RETURN_IF_ERROR(status);
    }
  }
  return broken_ ? absl::DataLossError("an earlier message failed") : absl::OkStatus();
}

// A length, or a length and its message, is there.
absl::Status SecurityLayer::UnwrapNext(std::vector<uint8_t>& out) {
  if (incoming_.size() == kLengthSize) {
    const uint64_t length = GetBigEndian(incoming_);
    if (length == 0) {
      return absl::DataLossError("an empty message in the security layer");
    }
    return length <= limits_.incoming
               ? absl::OkStatus()
               : absl::ResourceExhaustedError(
                     "a message in the security layer is longer than agreed");
  }
  EPA_ASSIGN_OR_RETURN(const std::vector<uint8_t> plain,
                       protection_.Unwrap(std::span(incoming_).subspan(kLengthSize), kind_));
  out.insert(out.end(), plain.begin(), plain.end());
  incoming_.clear();
  return absl::OkStatus();
}

}  // namespace epa::sasl
