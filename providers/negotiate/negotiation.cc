#include "providers/negotiate/negotiation.h"

#include "absl/status/status.h"
#include "epa/negotiate/negotiate.h"
#include "lib/base/status_macros.h"

namespace epa::negotiate {

std::string_view Negotiation::package_name() const {
  return child_ == nullptr ? NegotiatePackageInfo().name : child_->package_name();
}

const PeerIdentity& Negotiation::identity() const {
  return child_ == nullptr ? Mechanism::identity() : child_->identity();
}

const PeerClaims& Negotiation::claims() const {
  return child_ == nullptr ? Mechanism::claims() : child_->claims();
}

bool Negotiation::server_proved() const { return child_ != nullptr && child_->server_proved(); }

bool Negotiation::anonymous() const { return child_ != nullptr && child_->anonymous(); }

const ExtendedProtectionEvidence& Negotiation::evidence() const {
  static const auto& none = *new ExtendedProtectionEvidence();
  return child_ == nullptr ? none : child_->evidence();
}

InitiatorName Negotiation::initiator_name() const {
  return child_ == nullptr ? InitiatorName() : child_->initiator_name();
}

FileTime Negotiation::expiry_time() const {
  return child_ == nullptr ? kNever : child_->expiry_time();
}

absl::StatusOr<SecretBytes> Negotiation::ExportSessionKey() const {
  EPA_RETURN_IF_ERROR(RequireVerified());
  return child_->ExportSessionKey();
}

AgreedProtection Negotiation::agreed_protection() const {
  return child_ == nullptr ? AgreedProtection() : child_->agreed_protection();
}

absl::StatusOr<MessageProtection*> Negotiation::message_protection() {
  EPA_RETURN_IF_ERROR(RequireVerified());
  return child_->message_protection();
}

void Negotiation::SetReceivedMic(const std::optional<Octets>& mic) {
  received_mic_.reset();
  if (mic.has_value()) {
    received_mic_.emplace(mic->begin(), mic->end());
  }
}

absl::Status Negotiation::RequireVerified() const {
  return verified() ? absl::OkStatus()
                    : absl::FailedPreconditionError("the negotiation is not complete");
}

}  // namespace epa::negotiate
