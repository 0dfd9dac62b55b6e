#include <string>
#include <utility>

#include "absl/status/status.h"
#include "epa/core/extended_protection.h"

namespace epa {
namespace {

absl::Status NothingToCheck() {
  return absl::InvalidArgumentError(
      "mode 1 or 2 would compare neither a binding nor a service name and accept relayed logins: "
      "check the service name, or say nothing_to_check");
}

// No service name decides, and nobody said that this is meant. Behind a proxy a binding is then
// looked for and compared with nothing: one to an attacker's own certificate will do.
bool LooksAtNoName(const ExtendedProtectionOptions& options) {
  return options.no_service_name_check && !options.nothing_to_check;
}

absl::Status CheckOptions(const ExtendedProtectionOptions& options) {
  const bool enforced = options.mode != ExtendedProtectionMode::kLegacy;
  const bool proxy = options.scenario == ProtectionScenario::kTrustedProxy;
  const bool names_nothing = options.accepted_names.empty();
  if (options.proxy_cohosting && !proxy) {
    return absl::InvalidArgumentError("proxy co-hosting needs the trusted-proxy scenario");
  }
  if (proxy && enforced && names_nothing && !options.no_service_name_check) {
    return absl::InvalidArgumentError(
        "behind a trusted proxy the service name decides: give the accepted names");
  }
  if (proxy && enforced && LooksAtNoName(options)) {
    return NothingToCheck();
  }
  if (options.service_name_on_tls && (names_nothing || options.no_service_name_check)) {
    return absl::InvalidArgumentError("a service-name check on TLS needs accepted names");
  }
  if (options.mode == ExtendedProtectionMode::kRequire && !options.audit_only &&
      (options.allow_anonymous || options.allow_guest)) {
    return absl::InvalidArgumentError(
        "mode 2 requires every client to bind, which anonymous and guest logins cannot");
  }
  return absl::OkStatus();
}

std::string_view ScenarioName(ProtectionScenario scenario) {
  switch (scenario) {
    case ProtectionScenario::kTransportSelected:
      return "transport-selected";
    case ProtectionScenario::kTrustedProxy:
      return "trusted-proxy";
  }
  return "transport-selected";
}

std::string_view ProfileName(ServiceNameProfile profile) {
  switch (profile) {
    case ServiceNameProfile::kStandard:
      return "standard";
    case ServiceNameProfile::kDotNet:
      return "dotnet";
    case ServiceNameProfile::kSmb:
      return "smb";
  }
  return "standard";
}

std::string_view PortRuleName(PortRule rule) {
  switch (rule) {
    case PortRule::kExact:
      return "exact";
    case PortRule::kIgnore:
      return "ignore";
    case PortRule::kIfListed:
      return "if-listed";
  }
  return "exact";
}

}  // namespace

absl::StatusOr<ExtendedProtectionPolicy> ExtendedProtectionPolicy::Create(
    ExtendedProtectionOptions options) {
  if (absl::Status status = CheckOptions(options); !status.ok()) {
    return status;
  }
  return ExtendedProtectionPolicy(std::move(options));
}

absl::Status ExtendedProtectionPolicy::CheckChannel(ChannelKind kind) const {
  if (options_.mode == ExtendedProtectionMode::kLegacy || kind == ChannelKind::kTls) {
    return absl::OkStatus();
  }
  if (options_.accepted_names.empty() && !options_.no_service_name_check) {
    return absl::InvalidArgumentError(
        "on a channel without TLS of its own the service name decides: give the accepted names");
  }
  return LooksAtNoName(options_) ? NothingToCheck() : absl::OkStatus();
}

std::string ExtendedProtectionPolicy::ToString() const {
  std::string text;
  const auto add = [&text](std::string_view key, std::string_view value) {
    text.append(key).append(" = ").append(value).append("\n");
  };
  const auto add_flag = [&add](std::string_view key, bool value) {
    add(key, value ? "true" : "false");
  };
  add("mode", ExtendedProtectionModeName(options_.mode));
  add("scenario", ScenarioName(options_.scenario));
  add_flag("proxy_cohosting", options_.proxy_cohosting);
  add_flag("no_service_name_check", options_.no_service_name_check);
  add_flag("nothing_to_check", options_.nothing_to_check);
  add_flag("service_name_on_tls", options_.service_name_on_tls);
  add_flag("audit_only", options_.audit_only);
  add_flag("require_mic", options_.require_mic);
  add_flag("allow_guest", options_.allow_guest);
  add_flag("allow_anonymous", options_.allow_anonymous);
  add("name_profile", ProfileName(options_.accepted_names.profile()));
  add("port_rule", PortRuleName(options_.accepted_names.port_rule()));
  for (const std::string& name : options_.accepted_names.names()) {
    add("accepted_name", name);
  }
  return text;
}

}  // namespace epa
