#include "tools/epa/common/audit_options.h"

#include <string>

#include "lib/service/parts.h"

namespace epa::tool {

absl::StatusOr<std::shared_ptr<AuditSink>> AuditSinkFrom(const CommandLine& line) {
  const auto where = line.Value("--audit");
  return where.has_value() ? service::OpenAudit(*where) : NoAudit();
}

Ending RunWithAudit(const CommandLine& line,
                    Ending (*run)(const CommandLine& line,
                                  const std::shared_ptr<AuditSink>& audit)) {
  const absl::StatusOr<std::shared_ptr<AuditSink>> audit = AuditSinkFrom(line);
  if (!audit.ok()) {
    return FailUsage(audit.status());
  }
  Ending ending = run(line, *audit);
  if (ending.exit_status <= kExitRefused && (*audit)->lost_events() > 0) {
    ending.exit_status = kExitFault;
    ending.fault = "audit events are lost: what --audit names cannot be written";
  }
  return ending;
}

}  // namespace epa::tool
