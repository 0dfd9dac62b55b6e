#include "epa/core/audit.h"

namespace epa {

std::string_view AuditOutcomeName(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::kAccepted:
      return "accepted";
    case AuditOutcome::kRefused:
      return "refused";
    case AuditOutcome::kFault:
      return "fault";
    case AuditOutcome::kAbandoned:
      return "abandoned";
    case AuditOutcome::kNoticed:
      return "noticed";
  }
  return "fault";
}

const std::shared_ptr<AuditSink>& NoAudit() {
  class Deaf final : public AuditSink {
    void OnEvent(const AuditEvent&) override {}
  };
  static const auto& sink = *new std::shared_ptr<AuditSink>(std::make_shared<Deaf>());
  return sink;
}

absl::Status CheckAudit(const ExtendedProtectionPolicy& policy,
                        const std::shared_ptr<AuditSink>& audit) {
  if (audit == nullptr) {
    return absl::InvalidArgumentError("a server needs an audit sink, NoAudit() if none");
  }
  if (policy.audit_only() && audit == NoAudit()) {
    return absl::InvalidArgumentError("an audit-only policy needs somebody to hear the audit");
  }
  return absl::OkStatus();
}

}  // namespace epa
