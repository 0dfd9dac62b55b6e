// What the servers of `epa serve` have in common: policy and audit.
#ifndef EPA_TOOLS_EPA_COMMON_POLICY_OPTIONS_H_
#define EPA_TOOLS_EPA_COMMON_POLICY_OPTIONS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"
#include "epa/core/extended_protection.h"
#include "epa/registry/windows_settings.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

inline constexpr OptionSpec kPortRuleOption = {
    "--port-rule", "RULE",
    "a client's name with a port: exact (as in --spn, default), ignore, if-listed"};

// From --port-rule.
absl::StatusOr<PortRule> PortRuleFrom(const CommandLine& line);

// "0", "1", "2" or "legacy", "allow", "require".
absl::StatusOr<ExtendedProtectionMode> ParseMode(std::string_view text);

// The setting of the registry that stands for --extended-protection at one service.
using ModeSetting = registry::Setting<ExtendedProtectionMode> registry::WindowsSettings::*;

// From --extended-protection, then from `setting` in --registry (null: the service has none);
// else mode 2.
absl::StatusOr<ExtendedProtectionMode> ModeFrom(const CommandLine& line, ModeSetting setting);

// From ModeFrom, --scenario (`usual_scenario` without it), --flag, --spn, --port-rule and
// --audit-only. Besides
// what ExtendedProtectionPolicy::Create refuses: a clear channel that is to be checked by service
// name without any name.
absl::StatusOr<std::shared_ptr<const ExtendedProtectionPolicy>> PolicyFrom(
    const CommandLine& line, std::string_view usual_scenario, ModeSetting setting = nullptr);

// What an operator should know of a policy, a sentence each: whom it lets in who is not bound.
std::vector<std::string> PolicyWarnings(const ExtendedProtectionPolicy& policy);

// From --audit: "journal" is systemd's, "journal:PATH" that of another socket; anything else is a
// file for JSON lines. Null without the option.
absl::StatusOr<std::shared_ptr<AuditSink>> AuditSinkFrom(const CommandLine& line);

// Runs a command with that sink. Its end is a fault where events were lost.
Ending RunWithAudit(const CommandLine& line,
                    Ending (*run)(const CommandLine& line,
                                  const std::shared_ptr<AuditSink>& audit));

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_POLICY_OPTIONS_H_
