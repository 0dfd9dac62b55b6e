#include "providers/ntlm/session.h"

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

absl::Status NotVerified() {
  return absl::FailedPreconditionError("the exchange has not been verified");
}

}  // namespace

void NtlmMechanism::BeginSession(uint32_t agreed_flags, const Secret<16>& exported_session_key) {
  session_.emplace();
  session_->agreed_flags = agreed_flags;
  session_->exported_session_key = exported_session_key;
}

bool NtlmMechanism::CanSign() const {
  return session_.has_value() && (session_->agreed_flags & kNegotiateSign) != 0;
}

absl::StatusOr<SecretBytes> NtlmMechanism::ExportSessionKey() const {
  if (!session_.has_value()) {
    return NotVerified();
  }
  return SecretBytes(session_->exported_session_key.Expose());
}

AgreedProtection NtlmMechanism::agreed_protection() const {
  return !session_.has_value() ? AgreedProtection() : ProtectionOf(session_->agreed_flags);
}

absl::StatusOr<NtlmMessageProtection*> NtlmMechanism::Protection() {
  if (!session_.has_value()) {
    return NotVerified();
  }
  if (session_->protection == nullptr) {
    EPA_ASSIGN_OR_RETURN(session_->protection,
                         NtlmMessageProtection::Create(session_->agreed_flags,
                                                       session_->exported_session_key, outgoing_));
  }
  return session_->protection.get();
}

absl::StatusOr<std::vector<uint8_t>> NtlmMechanism::SignMechanismList(
    std::span<const uint8_t> list) {
  EPA_ASSIGN_OR_RETURN(NtlmMessageProtection * protection, Protection());
  return protection->SignMechanismList(list);
}

absl::Status NtlmMechanism::VerifyMechanismList(std::span<const uint8_t> list,
                                                std::span<const uint8_t> mic) {
  EPA_ASSIGN_OR_RETURN(NtlmMessageProtection * protection, Protection());
  return protection->VerifyMechanismList(list, mic);
}

}  // namespace epa::ntlm
