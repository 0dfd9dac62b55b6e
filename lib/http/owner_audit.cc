#include "lib/http/owner_audit.h"

namespace epa::http {

void Authenticator::OwnerAudit::OnEvent(const AuditEvent& event) {
  accepted_ = event.outcome == AuditOutcome::kAccepted && MayOwn(event);
  if (sink_ == nullptr) {
    return;
  }
  if (event.outcome != AuditOutcome::kAccepted || accepted_) {
    sink_->OnEvent(event);
    return;
  }
  AuditEvent refused = event;
  refused.outcome = AuditOutcome::kRefused;
  refused.reason = Reason::kUnexpectedMessage;
  refused.status = StatusOf(refused.reason);
  refused.detail = "the connection already belongs to another identity";
  sink_->OnEvent(refused);
}

bool Authenticator::OwnerAudit::MayOwn(const AuditEvent& login) {
  Owner owner{login.user, login.domain, login.identity};
  if (!owner_.has_value()) {
    owner_ = std::move(owner);
    return true;
  }
  return *owner_ == owner;
}

}  // namespace epa::http
