#include <string>
#include <utility>

#include "absl/status/status.h"
#include "epa/kerberos/kerberos.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/ap_options.h"
#include "providers/kerberos/checksum.h"
#include "providers/kerberos/initiator.h"
#include "providers/kerberos/initiator_credentials.h"

namespace epa::kerberos {
namespace {

// SuppressExtendedProtection.
constexpr uint32_t kSuppressNothing = 0;
constexpr uint32_t kSuppressMark = 1;
constexpr uint32_t kSuppressAll = 3;

}  // namespace

absl::StatusOr<std::unique_ptr<Mechanism>> InitiatorCredentials::CreateInitiator(
    const Channel& channel, InitiatorParameters parameters) const {
  EPA_ASSIGN_OR_RETURN(auto target, ServicePrincipalName::Parse(parameters.target_name));
  const uint32_t suppress = policy_.suppress_extended_protection;
  const bool silent = parameters.binding == BindingRequest::kOmit || suppress == kSuppressAll;
  RequestClaims claims;
  EPA_ASSIGN_OR_RETURN(claims.binding, BindingToSend(channel, silent ? BindingRequest::kExplicitNone
                                                                     : parameters.binding));
  ExtendedProtectionEvidence evidence;
  evidence.binding = BindingEvidence::kAbsent;
  if (!silent && suppress == kSuppressNothing) {
    claims.ap_options =
        kApOptionsBindings | (parameters.target_name_untrusted ? kApOptionsUnverifiedTarget : 0u);
    claims.target = parameters.target_name.substr(0, parameters.target_name.find('@'));
    evidence.binding = BindingEvidence::kExplicitNone;
  }
  if (!claims.binding.IsZero()) {
    evidence.binding = BindingEvidence::kMatched;
    evidence.matched_binding = channel.Find(claims.binding);
  }
  evidence.target_name = parameters.target_name;
  evidence.target_name_voucher = parameters.target_name_untrusted ? TargetNameVoucher::kUnsureClient
                                                                  : TargetNameVoucher::kClient;
  // Kerberos grants what is asked for.
  const bool sealing = parameters.want_sealing || parameters.require_sealing;
  if (parameters.want_signing || parameters.require_signing || sealing) {
    claims.flags = kIntegrity | (sealing ? kConfidentiality : 0u);
  }
  auto self = std::static_pointer_cast<const InitiatorCredentials>(shared_from_this());
  return std::make_unique<KerberosInitiator>(
      RequestOrder{std::move(self), std::move(target), std::move(claims)}, std::move(evidence));
}

absl::StatusOr<std::shared_ptr<const Credentials>> CreateInitiatorCredentials(
    InitiatorOptions options) {
  const uint32_t suppress = options.policy.suppress_extended_protection;
  if (suppress != kSuppressNothing && suppress != kSuppressMark && suppress != kSuppressAll) {
    return absl::InvalidArgumentError("SuppressExtendedProtection is 0, 1 or 3");
  }
  EPA_ASSIGN_OR_RETURN(
      auto pool,
      ContextPool::Create(options.configuration, options.allow_weak_encryption, options.clock));
  EPA_ASSIGN_OR_RETURN(auto store, CredentialStore::Create(std::move(pool), options));
  InitiatorPolicy policy;
  policy.mutual_authentication = options.mutual_authentication;
  policy.delegate = options.delegate;
  policy.port_in_principal = options.port_in_principal;
  policy.suppress_extended_protection = suppress;
  return std::make_shared<InitiatorCredentials>(std::move(store), policy);
}

}  // namespace epa::kerberos
