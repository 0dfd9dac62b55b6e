#include "lib/sasl/held_audit.h"

namespace epa::sasl {

void HeldAudit::Release() {
  if (event_.has_value()) {
    const AuditEvent event = *std::exchange(event_, std::nullopt);
    sink_->OnEvent(event);
  }
}

void HeldAudit::ReleaseAs(AuditOutcome outcome, Reason reason, const std::string& detail) {
  if (event_.has_value() && event_->outcome == AuditOutcome::kAccepted) {
    event_->outcome = outcome;
    event_->reason = reason;
    event_->status = StatusOf(reason);
    event_->detail = detail;
  }
  Release();
}

}  // namespace epa::sasl
