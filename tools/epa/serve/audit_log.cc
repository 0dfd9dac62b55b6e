#include "tools/epa/serve/audit_log.h"

#include <utility>

namespace epa::tool {

void AuditLog::Replace(std::shared_ptr<AuditSink> sink) {
  const std::lock_guard lock(mutex_);
  lost_before_ += sink_->lost_events();
  sink_.swap(sink);
}

void AuditLog::OnEvent(const AuditEvent& event) {
  switch (event.outcome) {
    case AuditOutcome::kAccepted:
      ++accepted_;
      break;
    case AuditOutcome::kRefused:
      ++refused_;
      break;
    case AuditOutcome::kAbandoned:
      ++abandoned_;
      break;
    case AuditOutcome::kFault:
      ++faults_;
      break;
    case AuditOutcome::kNoticed:
      break;
  }
  std::shared_ptr<AuditSink> sink;
  {
    const std::lock_guard lock(mutex_);
    sink = sink_;
  }
  sink->OnEvent(event);
}

uint64_t AuditLog::lost_events() const {
  const std::lock_guard lock(mutex_);
  return lost_before_ + sink_->lost_events();
}

}  // namespace epa::tool
