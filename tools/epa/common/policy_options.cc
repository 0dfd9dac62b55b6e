#include "tools/epa/common/policy_options.h"

#include <array>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "epa/audit_json/journal.h"
#include "epa/audit_json/json_lines.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/registry_options.h"

namespace epa::tool {
namespace {

absl::Status Unknown(std::string_view option, std::string_view value, std::string_view expected) {
  return absl::InvalidArgumentError(std::string(option) + " '" + std::string(value) +
                                    "': expected " + std::string(expected));
}

absl::Status ApplyScenario(std::string_view scenario, ExtendedProtectionOptions& options) {
  if (scenario == "proxy") {
    options.scenario = ProtectionScenario::kTrustedProxy;
  } else if (scenario != "tls" && scenario != "clear") {
    return Unknown("--scenario", scenario, "tls, proxy or clear");
  }
  return absl::OkStatus();
}

// `allow_dotless` belongs to the list of names, not to the policy.
absl::Status ApplyFlags(const CommandLine& line, ExtendedProtectionOptions& options,
                        bool& allow_dotless) {
  for (const std::string& flag : line.Values("--flag")) {
    if (flag == "proxy-cohosting") {
      options.proxy_cohosting = true;
    } else if (flag == "no-service-name-check") {
      options.no_service_name_check = true;
    } else if (flag == "allow-dotless-spn") {
      allow_dotless = true;
    } else if (flag == "nothing-to-check") {
      options.nothing_to_check = true;
    } else {
      return Unknown("--flag", flag,
                     "proxy-cohosting, no-service-name-check, allow-dotless-spn or "
                     "nothing-to-check");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<AcceptedServiceNames> NamesFrom(const CommandLine& line, bool allow_dotless,
                                               PortRule port_rule) {
  return AcceptedServiceNames::Create(line.Values("--spn"), ServiceNameProfile::kStandard,
                                      allow_dotless, port_rule);
}

// The library knows no options: which one is wrong, and which one helps.
absl::Status NamesFault(const CommandLine& line, const absl::Status& status, bool allow_dotless) {
  const bool dot_helps = !allow_dotless && NamesFrom(line, true, PortRule::kIgnore).ok();
  return absl::InvalidArgumentError("--spn: " + std::string(status.message()) +
                                    (dot_helps ? ": --flag allow-dotless-spn" : ""));
}

// Names that nothing compares would promise what is not done.
absl::Status CheckNamesCount(const CommandLine& line, std::string_view scenario,
                             const ExtendedProtectionOptions& options, bool allow_dotless) {
  if (!line.Has("--spn")) {
    return allow_dotless ? absl::InvalidArgumentError("--flag allow-dotless-spn is about --spn")
                         : absl::OkStatus();
  }
  if (scenario == "tls") {
    return absl::InvalidArgumentError(
        "--spn is not compared with --scenario tls, where the channel decides: leave it out");
  }
  if (options.no_service_name_check) {
    return absl::InvalidArgumentError("--spn is not compared with --flag no-service-name-check");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PortRule> PortRuleFrom(const CommandLine& line) {
  const std::string rule = line.ValueOr("--port-rule", "exact");
  if (rule == "exact") {
    return PortRule::kExact;
  }
  if (rule == "ignore") {
    return PortRule::kIgnore;
  }
  if (rule == "if-listed") {
    return PortRule::kIfListed;
  }
  return Unknown("--port-rule", rule, "exact, ignore or if-listed");
}

absl::StatusOr<ExtendedProtectionMode> ParseMode(std::string_view text) {
  constexpr std::array kModes = {ExtendedProtectionMode::kLegacy, ExtendedProtectionMode::kAllow,
                                 ExtendedProtectionMode::kRequire};
  for (const ExtendedProtectionMode mode : kModes) {
    if (text == std::to_string(static_cast<int>(mode)) ||
        text == ExtendedProtectionModeName(mode)) {
      return mode;
    }
  }
  return Unknown("--extended-protection", text, "0, 1, 2, legacy, allow or require");
}

absl::StatusOr<ExtendedProtectionMode> ModeFrom(const CommandLine& line, ModeSetting setting) {
  if (const auto given = line.Value("--extended-protection"); given.has_value()) {
    return ParseMode(*given);
  }
  if (setting != nullptr) {
    EPA_ASSIGN_OR_RETURN(const auto settings, WindowsSettingsFrom(line));
    if (settings.has_value() && ((*settings).*setting).is_set()) {
      return ((*settings).*setting).value;
    }
  }
  return ExtendedProtectionMode::kRequire;
}

absl::StatusOr<std::shared_ptr<const ExtendedProtectionPolicy>> PolicyFrom(
    const CommandLine& line, std::string_view usual_scenario, ModeSetting setting) {
  const std::string scenario = line.ValueOr("--scenario", usual_scenario);
  ExtendedProtectionOptions options;
  const auto mode = ModeFrom(line, setting);
  if (!mode.ok()) {
    return mode.status();
  }
  options.mode = *mode;
  options.audit_only = line.Has("--audit-only");
  bool allow_dotless = false;
  if (absl::Status status = ApplyScenario(scenario, options); !status.ok()) {
    return status;
  }
  if (absl::Status status = ApplyFlags(line, options, allow_dotless); !status.ok()) {
    return status;
  }
  const auto port_rule = PortRuleFrom(line);
  if (!port_rule.ok()) {
    return port_rule.status();
  }
  auto names = NamesFrom(line, allow_dotless, *port_rule);
  if (!names.ok()) {
    return NamesFault(line, names.status(), allow_dotless);
  }
  if (absl::Status status = CheckNamesCount(line, scenario, options, allow_dotless); !status.ok()) {
    return status;
  }
  options.accepted_names = *std::move(names);
  const bool unchecked = options.no_service_name_check && !options.nothing_to_check;
  if (scenario == "clear" && options.mode != ExtendedProtectionMode::kLegacy &&
      (unchecked || (options.accepted_names.empty() && !options.no_service_name_check))) {
    return absl::InvalidArgumentError(
        "--scenario clear is checked by service name alone: give --spn, or "
        "--extended-protection 0");
  }
  if (options.audit_only && !line.Value("--audit").has_value()) {
    return absl::InvalidArgumentError("--audit-only refuses nothing: give --audit to hear of it");
  }
  auto policy = ExtendedProtectionPolicy::Create(std::move(options));
  if (!policy.ok()) {
    return policy.status();
  }
  return std::make_shared<const ExtendedProtectionPolicy>(*std::move(policy));
}

std::vector<std::string> PolicyWarnings(const ExtendedProtectionPolicy& policy) {
  const ExtendedProtectionOptions& options = policy.options();
  std::vector<std::string> warnings;
  if (policy.mode() == ExtendedProtectionMode::kLegacy) {
    warnings.emplace_back("mode 0 compares nothing: logins that an attacker passes on are let in");
  } else if (policy.audit_only()) {
    warnings.emplace_back(
        "--audit-only: logins that are not for this channel and service are let in, and audited");
  }
  if (options.nothing_to_check) {
    warnings.emplace_back("there is nothing to check: neither the channel nor the service's name");
  }
  if (policy.mode() != ExtendedProtectionMode::kLegacy && options.no_service_name_check &&
      options.scenario == ProtectionScenario::kTrustedProxy && !options.nothing_to_check) {
    warnings.emplace_back(
        "no service name is checked: logins for other services are let in, if only over TLS");
  }
  return warnings;
}

absl::StatusOr<std::shared_ptr<AuditSink>> AuditSinkFrom(const CommandLine& line) {
  const auto path = line.Value("--audit");
  if (!path.has_value()) {
    return NoAudit();
  }
  constexpr std::string_view kJournal = "journal";
  constexpr std::string_view kOtherJournal = "journal:";
  if (*path == kJournal || path->starts_with(kOtherJournal)) {
    return JournalAuditSink::Create(*path == kJournal ? kJournalSocket
                                                      : path->substr(kOtherJournal.size()));
  }
  return JsonLinesAuditSink::Create(*path);
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
