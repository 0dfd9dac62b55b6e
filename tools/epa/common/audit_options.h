// --audit of commands that are no servers.
#ifndef EPA_TOOLS_EPA_COMMON_AUDIT_OPTIONS_H_
#define EPA_TOOLS_EPA_COMMON_AUDIT_OPTIONS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

// From --audit, whose values are those of the setting. NoAudit() without the option.
absl::StatusOr<std::shared_ptr<AuditSink>> AuditSinkFrom(const CommandLine& line);

// Runs a command with that sink. Its end is a fault where events were lost.
Ending RunWithAudit(const CommandLine& line,
                    Ending (*run)(const CommandLine& line,
                                  const std::shared_ptr<AuditSink>& audit));

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_AUDIT_OPTIONS_H_
