#include "epa/core/security_package.h"

#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"

namespace epa {

MechanismResult MechanismResult::Continue(std::vector<uint8_t> token) {
  MechanismResult result;
  result.outcome = Outcome::kContinue;
  result.token = std::move(token);
  return result;
}

MechanismResult MechanismResult::Proven(std::vector<uint8_t> token) {
  MechanismResult result = Continue(std::move(token));
  result.outcome = Outcome::kProven;
  return result;
}

MechanismResult MechanismResult::Pending(std::unique_ptr<PendingWork> work) {
  MechanismResult result;
  result.outcome = Outcome::kPending;
  result.work = std::move(work);
  return result;
}

MechanismResult MechanismResult::Verified(std::vector<uint8_t> token) {
  MechanismResult result;
  result.outcome = Outcome::kVerified;
  result.token = std::move(token);
  return result;
}

MechanismResult MechanismResult::Rejected(Reason reason, std::string detail) {
  MechanismResult result;
  result.outcome = Outcome::kRejected;
  result.reason = reason;
  result.detail = std::move(detail);
  return result;
}

absl::StatusOr<std::vector<uint8_t>> MessageProtection::Wrap(std::span<const uint8_t> message,
                                                             WrapKind kind) {
  std::vector<uint8_t> wrapped;
  EPA_RETURN_IF_ERROR(AppendWrapped(message, kind, wrapped));
  return wrapped;
}

absl::Status MessageProtection::AppendWrapped(std::span<const uint8_t> message, WrapKind kind,
                                              std::vector<uint8_t>& out) {
  const bool seal = kind == WrapKind::kSealed;
  const size_t size = seal ? seal_signature_size() : signature_size();
  const size_t before = out.size();
  out.reserve(before + size + message.size());
  out.resize(before + size);
  out.insert(out.end(), message.begin(), message.end());
  const auto wrapped = std::span(out).subspan(before);
  return seal ? Seal(wrapped.subspan(size), wrapped.first(size))
              : Sign(wrapped.subspan(size), wrapped.first(size));
}

absl::StatusOr<std::vector<uint8_t>> MessageProtection::Unwrap(std::span<const uint8_t> wrapped,
                                                               WrapKind kind) {
  const bool sealed = kind == WrapKind::kSealed;
  const size_t size = sealed ? seal_signature_size() : signature_size();
  if (wrapped.size() < size) {
    return absl::DataLossError("the message is shorter than its signature");
  }
  const auto body = wrapped.subspan(size);
  std::vector<uint8_t> message(body.begin(), body.end());
  EPA_RETURN_IF_ERROR(sealed ? Unseal(message, wrapped.first(size))
                             : Verify(message, wrapped.first(size)));
  return message;
}

const PeerIdentity& Mechanism::identity() const {
  static const auto& nobody = *new PeerIdentity();
  return nobody;
}

const PeerClaims& Mechanism::claims() const {
  static const auto& nothing = *new PeerClaims();
  return nothing;
}

absl::StatusOr<std::vector<uint8_t>> Mechanism::SignMechanismList(std::span<const uint8_t> list) {
  EPA_ASSIGN_OR_RETURN(MessageProtection * protection, message_protection());
  std::vector<uint8_t> mic(protection->signature_size());
  EPA_RETURN_IF_ERROR(protection->Sign(list, mic));
  return mic;
}

absl::Status Mechanism::VerifyMechanismList(std::span<const uint8_t> list,
                                            std::span<const uint8_t> mic) {
  EPA_ASSIGN_OR_RETURN(MessageProtection * protection, message_protection());
  return protection->Verify(list, mic);
}

absl::StatusOr<ChannelBindingToken> BindingToSend(const Channel& channel, BindingRequest request) {
  if (request != BindingRequest::kFromChannel || channel.kind() == ChannelKind::kPlain) {
    return ChannelBindingToken{};
  }
  if (!channel.has_bindings()) {
    return absl::FailedPreconditionError(
        "the TLS channel has no binding: ask for an explicit none or for no binding");
  }
  return channel.bindings().front().token();
}

absl::StatusOr<std::unique_ptr<Mechanism>> Credentials::CreateAcceptor(const Channel&) const {
  return absl::FailedPreconditionError("these credentials are for a client");
}

// NOLINTBEGIN(performance-unnecessary-value-param): those that create one keep it
absl::StatusOr<std::unique_ptr<Mechanism>> Credentials::CreateInitiator(const Channel&,
                                                                        InitiatorParameters) const {
  return absl::FailedPreconditionError("these credentials are for a server");
}
// NOLINTEND(performance-unnecessary-value-param)

}  // namespace epa
