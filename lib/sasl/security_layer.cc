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
  const size_t messages = octets.size() / most_in_message() + 1;
  frames.reserve(octets.size() + messages * (kLengthSize + overhead_));
  while (!octets.empty()) {
    const auto piece = octets.first(std::min(octets.size(), most_in_message()));
    octets = octets.subspan(piece.size());
    const size_t begin = frames.size();
    const size_t wrapped = begin + kLengthSize;
    frames.resize(wrapped);
    EPA_RETURN_IF_ERROR(protection_.AppendWrapped(piece, kind_, frames));
    std::ranges::copy(BigEndian(static_cast<uint32_t>(frames.size() - wrapped)),
                      frames.begin() + static_cast<ptrdiff_t>(begin));
  }
  return frames;
}

absl::Status SecurityLayer::Unwrap(std::span<const uint8_t> octets, std::vector<uint8_t>& out) {
  while (!broken_ && !octets.empty()) {
    const absl::Status status = TakeFirst(octets, out);
    broken_ = !status.ok();
    EPA_RETURN_IF_ERROR(status);
  }
  return broken_ ? absl::DataLossError("an earlier message failed") : absl::OkStatus();
}

absl::Status SecurityLayer::TakeFirst(std::span<const uint8_t>& octets, std::vector<uint8_t>& out) {
  if (const auto whole = WholeMessage(octets); !whole.empty()) {
    octets = octets.subspan(kLengthSize + whole.size());
    return UnwrapMessage(whole, out);
  }
  size_t wanted = kLengthSize;
  if (incoming_.size() >= kLengthSize) {
    wanted += static_cast<size_t>(GetBigEndian(std::span(incoming_).first(kLengthSize)));
  }
  const auto piece = octets.first(std::min(octets.size(), wanted - incoming_.size()));
  octets = octets.subspan(piece.size());
  incoming_.insert(incoming_.end(), piece.begin(), piece.end());
  return incoming_.size() == wanted ? UnwrapNext(out) : absl::OkStatus();
}

// One that `octets` begin with, within the limit and without a part of another before it; else
// nothing. It need not be copied.
std::span<const uint8_t> SecurityLayer::WholeMessage(std::span<const uint8_t> octets) const {
  if (!incoming_.empty() || octets.size() < kLengthSize) {
    return {};
  }
  const uint64_t length = GetBigEndian(octets.first(kLengthSize));
  return length <= limits_.incoming && length <= octets.size() - kLengthSize
             ? octets.subspan(kLengthSize, static_cast<size_t>(length))
             : std::span<const uint8_t>();
}

absl::Status SecurityLayer::UnwrapMessage(std::span<const uint8_t> message,
                                          std::vector<uint8_t>& out) {
  EPA_ASSIGN_OR_RETURN(std::vector<uint8_t> plain, protection_.Unwrap(message, kind_));
  if (out.empty()) {
    out = std::move(plain);
  } else {
    out.insert(out.end(), plain.begin(), plain.end());
  }
  return absl::OkStatus();
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
  EPA_RETURN_IF_ERROR(UnwrapMessage(std::span(incoming_).subspan(kLengthSize), out));
  incoming_.clear();
  return absl::OkStatus();
}

}  // namespace epa::sasl
