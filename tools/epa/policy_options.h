// What the servers of `epa serve` have in common: policy and audit.
#ifndef EPA_TOOLS_EPA_POLICY_OPTIONS_H_
#define EPA_TOOLS_EPA_POLICY_OPTIONS_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"
#include "epa/core/extended_protection.h"
#include "tools/epa/command_line.h"

namespace epa::tool {

// "0", "1", "2" or "legacy", "allow", "require".
absl::StatusOr<ExtendedProtectionMode> ParseMode(std::string_view text);

// From --extended-protection, --scenario, --flag, --spn and --audit-only. Besides what
// ExtendedProtectionPolicy::Create refuses: a clear channel that is to be checked by service
// name without any name.
absl::StatusOr<std::shared_ptr<const ExtendedProtectionPolicy>> PolicyFrom(const CommandLine& line);

// From --audit; null without it.
absl::StatusOr<std::shared_ptr<AuditSink>> AuditSinkFrom(const CommandLine& line);

// Fails where an option is given that this build does not have.
absl::Status CheckAvailable(const CommandLine& line);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_POLICY_OPTIONS_H_
