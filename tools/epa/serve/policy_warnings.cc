#include "tools/epa/serve/policy_warnings.h"

namespace epa::tool {

std::vector<std::string> PolicyWarnings(const ExtendedProtectionPolicy& policy) {
  const ExtendedProtectionOptions& options = policy.options();
  std::vector<std::string> warnings;
  if (policy.mode() == ExtendedProtectionMode::kLegacy) {
    warnings.emplace_back("mode 0 compares nothing: logins that an attacker relays are accepted");
  } else if (policy.audit_only()) {
    warnings.emplace_back(
        "audit-only: logins that are not for this channel and service are accepted, and audited");
  }
  if (options.nothing_to_check) {
    warnings.emplace_back("there is nothing to check: neither the channel nor the service's name");
  }
  return warnings;
}

}  // namespace epa::tool
