// The security layer: messages in both directions after a login, each wrapped behind its length
// (RFC 4422 3.7).
#ifndef EPA_SASL_SECURITY_LAYER_H_
#define EPA_SASL_SECURITY_LAYER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"
#include "epa/sasl/mechanism.h"

#pragma GCC visibility push(default)

namespace epa::sasl {

// How strong a layer of this established context is, as SASL counts it (security strength factor):
// 0 for none, 1 for integrity alone, else the bits of the key.
uint32_t SecurityStrength(const SecurityContext& context, Layer layer);

// Which strengths are taken: both ends are.
struct StrengthRange {
  uint32_t least = 0;
  uint32_t most = UINT32_MAX;

  bool Includes(uint32_t strength) const { return least <= strength && strength <= most; }
};

struct LayerLimits {
  // Of a wrapped message that may arrive, and of one that may be sent; in octets, without the four
  // of the length.
  size_t incoming = 0;
  size_t outgoing = 0;
};

// One connection's. Used by one owner at a time. The messages are a stream: one may carry several
// of the protocol's, or a part of one.
//
// NTLM that has agreed to sign alone seals all the same: so does every client and server of LDAP.
class SecurityLayer {
 public:
  // Of an established context, which outlives the layer. FailedPrecondition where the context
  // protects no messages; InvalidArgument for kNone and for limits that no message fits in.
  static absl::StatusOr<std::unique_ptr<SecurityLayer>> Create(SecurityContext& context,
                                                               Layer layer, LayerLimits limits);

  // As it was negotiated.
  Layer layer() const { return layer_; }
  // The most octets that Wrap puts into one message.
  size_t most_in_message() const { return limits_.outgoing - overhead_; }

  // Octets for the peer. Cuts what is longer than one message may be.
  [[nodiscard]] absl::StatusOr<std::vector<uint8_t>> Wrap(std::span<const uint8_t> octets);

  // Takes octets as they arrive, cut anywhere, and appends what they say to `out`. Memory grows
  // with what arrived, not with the length announced. An error (DataLoss, OutOfRange for a message
  // played again or out of order, ResourceExhausted beyond the limit) ends the layer: the
  // connection is to be closed without an answer, and every later call fails.
  [[nodiscard]] absl::Status Unwrap(std::span<const uint8_t> octets, std::vector<uint8_t>& out);

 private:
  SecurityLayer(MessageProtection& protection, Layer layer, WrapKind kind, LayerLimits limits,
                size_t overhead);
  absl::Status TakeFirst(std::span<const uint8_t>& octets, std::vector<uint8_t>& out);
  std::span<const uint8_t> WholeMessage(std::span<const uint8_t> octets) const;
  absl::Status UnwrapMessage(std::span<const uint8_t> message, std::vector<uint8_t>& out);
  absl::Status UnwrapNext(std::vector<uint8_t>& out);

  MessageProtection& protection_;
  const Layer layer_;
  const WrapKind kind_;
  const LayerLimits limits_;
  const size_t overhead_;
  std::vector<uint8_t> incoming_;  // the length and what has come of its message
  bool broken_ = false;
};

}  // namespace epa::sasl

#pragma GCC visibility pop

#endif  // EPA_SASL_SECURITY_LAYER_H_
