// Holds a login's audit event back until the exchange around it is decided, too.
#ifndef EPA_LIB_SASL_HELD_AUDIT_H_
#define EPA_LIB_SASL_HELD_AUDIT_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "epa/core/audit.h"
#include "epa/core/reason.h"

namespace epa::sasl {

// One login's. Used by one owner at a time.
class HeldAudit final : public AuditSink {
 public:
  explicit HeldAudit(std::shared_ptr<AuditSink> sink) : sink_(std::move(sink)) {}

  void OnEvent(const AuditEvent& event) override { event_ = event; }

  // Hands the event on as it is; nothing where there is none.
  void Release();
  // The login was accepted and came to nothing all the same.
  void ReleaseAs(AuditOutcome outcome, Reason reason, const std::string& detail);

 private:
  const std::shared_ptr<AuditSink> sink_;
  std::optional<AuditEvent> event_;
};

}  // namespace epa::sasl

#endif  // EPA_LIB_SASL_HELD_AUDIT_H_
