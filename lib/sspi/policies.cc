#include "lib/sspi/policies.h"

#include <array>
#include <utility>

namespace epa::sspi {
namespace {

constexpr size_t kProxy = 1;
constexpr size_t kAuditOnly = 2;
constexpr size_t kNullSession = 4;
constexpr size_t kVariants = 8;
constexpr size_t kModes = 3;

using Policies =
    std::array<std::array<std::shared_ptr<const ExtendedProtectionPolicy>, kVariants>, kModes>;

std::shared_ptr<const ExtendedProtectionPolicy> MakePolicy(ExtendedProtectionMode mode,
                                                           size_t variant) {
  ExtendedProtectionOptions options;
  options.mode = mode;
  options.audit_only = (variant & kAuditOnly) != 0;
  // As on Windows the program compares the name itself.
  options.no_service_name_check = true;
  if ((variant & kProxy) != 0) {
    options.scenario = ProtectionScenario::kTrustedProxy;
    options.nothing_to_check = true;
  }
  // Nobody without a name can bind, so a server that requires it serves none.
  options.allow_anonymous = (variant & kNullSession) != 0 &&
                            (mode != ExtendedProtectionMode::kRequire || options.audit_only);
  return std::make_shared<const ExtendedProtectionPolicy>(
      *ExtendedProtectionPolicy::Create(std::move(options)));
}

Policies MakePolicies() {
  Policies policies;
  for (size_t mode = 0; mode < kModes; ++mode) {
    for (size_t variant = 0; variant < kVariants; ++variant) {
      policies[mode][variant] = MakePolicy(static_cast<ExtendedProtectionMode>(mode), variant);
    }
  }
  return policies;
}

}  // namespace

std::shared_ptr<const ExtendedProtectionPolicy> WindowsPolicy(ULONG request,
                                                              const GivenBindings* given) {
  static const Policies& policies = *new Policies(MakePolicies());
  const bool proxy = (request & ASC_REQ_PROXY_BINDINGS) != 0;
  auto mode = ExtendedProtectionMode::kLegacy;
  if (given != nullptr || proxy) {
    mode = (request & ASC_REQ_ALLOW_MISSING_BINDINGS) != 0 ? ExtendedProtectionMode::kAllow
                                                           : ExtendedProtectionMode::kRequire;
  }
  const size_t variant = (proxy ? kProxy : 0) |
                         (given != nullptr && given->audit_only ? kAuditOnly : 0) |
                         ((request & ASC_REQ_ALLOW_NULL_SESSION) != 0 ? kNullSession : 0);
  return policies[static_cast<size_t>(mode)][variant];
}

}  // namespace epa::sspi
