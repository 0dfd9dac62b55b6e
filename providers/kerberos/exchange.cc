#include "providers/kerberos/exchange.h"

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/checksum.h"

namespace epa::kerberos {

absl::Status KerberosExchange::RequireVerified() const {
  return verified() ? absl::OkStatus()
                    : absl::FailedPreconditionError("the exchange has not been verified");
}

absl::StatusOr<SecretBytes> KerberosExchange::ExportSessionKey() const {
  EPA_RETURN_IF_ERROR(RequireVerified());
  return keys_.Export();
}

absl::StatusOr<KerberosMessageProtection*> KerberosExchange::Protection() {
  EPA_RETURN_IF_ERROR(RequireVerified());
  if (protection_ == nullptr) {
    EPA_ASSIGN_OR_RETURN(protection_, KerberosMessageProtection::Create(pool_, keys_, self_));
  }
  return protection_.get();
}

AgreedProtection KerberosExchange::agreed_protection() const {
  const bool sealing = (keys_.flags & kConfidentiality) != 0;
  return {sealing || (keys_.flags & kIntegrity) != 0, sealing};
}

absl::StatusOr<MessageProtection*> KerberosExchange::message_protection() { return Protection(); }

absl::StatusOr<std::vector<uint8_t>> KerberosExchange::SignMechanismList(
    std::span<const uint8_t> list) {
  EPA_ASSIGN_OR_RETURN(KerberosMessageProtection * protection, Protection());
  std::vector<uint8_t> mic(protection->signature_size());
  EPA_RETURN_IF_ERROR(protection->Sign(list, mic));
  return mic;
}

absl::Status KerberosExchange::VerifyMechanismList(std::span<const uint8_t> list,
                                                   std::span<const uint8_t> mic) {
  EPA_ASSIGN_OR_RETURN(KerberosMessageProtection * protection, Protection());
  return protection->Verify(list, mic);
}

}  // namespace epa::kerberos
