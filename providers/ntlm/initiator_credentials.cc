#include <string>
#include <utility>

#include "absl/status/status.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "lib/crypto/openssl_library.h"
#include "providers/ntlm/initiator.h"
#include "providers/ntlm/messages/flags.h"
#include "providers/ntlm/ntlmv2.h"
#include "providers/ntlm/verification.h"
#include "providers/ntlm/windows_policy.h"

namespace epa::ntlm {
namespace {

constexpr size_t kMaxNameOctets = 4096;

absl::Status CheckPolicy(const ClientPolicy& policy) {
  if (policy.lm_compatibility_level < 3) {
    return absl::FailedPreconditionError(
        "LmCompatibilityLevel " + std::to_string(policy.lm_compatibility_level) +
        " asks for LM or NTLMv1, which cannot carry extended protection and are never sent");
  }
  if (policy.lm_compatibility_level > 5) {
    return absl::InvalidArgumentError("LmCompatibilityLevel is at most 5");
  }
  const uint32_t suppress = policy.suppress_extended_protection;
  if (suppress != 0 && suppress != 1 && suppress != 3) {
    return absl::InvalidArgumentError("SuppressExtendedProtection is 0, 1 or 3");
  }
  return CheckSessionSecurity(policy.minimum_session_security, "NtlmMinClientSec");
}

absl::StatusOr<std::vector<uint8_t>> WireName(std::string_view what, std::string_view text) {
  auto octets = Utf8ToUtf16Le(text);
  if (!octets.has_value() || octets->size() > kMaxNameOctets) {
    return absl::InvalidArgumentError("the " + std::string(what) +
                                      " is not UTF-8 or longer than 2048 characters");
  }
  return *std::move(octets);
}

// "DOMAIN\user" comes apart; "user@domain" goes onto the wire as it is, without a domain.
void SplitDomain(InitiatorOptions& options) {
  const size_t backslash = options.user.find('\\');
  if (options.domain.empty() && backslash != std::string::npos) {
    options.domain = options.user.substr(0, backslash);
    options.user = options.user.substr(backslash + 1);
  }
}

absl::StatusOr<NtHash> HashOf(const InitiatorOptions& options) {
  if (options.nt_hash == nullptr) {
    return NtHashFromPassword(options.password.ExposeText());
  }
  if (!options.password.empty()) {
    return absl::InvalidArgumentError("give a password or an NT hash, not both");
  }
  if (IsUnsetHash(*options.nt_hash)) {
    return absl::InvalidArgumentError("the NT hash is all zero");
  }
  return *options.nt_hash;
}

absl::StatusOr<InitiatorIdentity> IdentityOf(InitiatorOptions& options) {
  InitiatorIdentity identity;
  identity.anonymous = options.anonymous;
  EPA_ASSIGN_OR_RETURN(identity.workstation, WireName("workstation", options.workstation));
  if (options.anonymous) {
    if (!options.user.empty() || !options.password.empty() || options.nt_hash != nullptr) {
      return absl::InvalidArgumentError("an anonymous client has no user and no password");
    }
    return identity;
  }
  SplitDomain(options);
  if (options.user.empty()) {
    return absl::InvalidArgumentError("the user name is empty");
  }
  EPA_ASSIGN_OR_RETURN(identity.user, WireName("user name", options.user));
  EPA_ASSIGN_OR_RETURN(identity.domain, WireName("domain", options.domain));
  identity.user_text = options.user;
  identity.domain_text = options.domain;
  EPA_ASSIGN_OR_RETURN(const NtHash hash, HashOf(options));
  identity.ntowf = NtowfV2(hash, identity.user, identity.domain);
  return identity;
}

uint32_t ProtectionFlags(bool signing, bool sealing) {
  return (signing || sealing ? kNegotiateSign : uint32_t{0}) |
         (sealing ? kNegotiateSeal : uint32_t{0});
}

ProtectionRequest RequestOf(const InitiatorParameters& parameters) {
  ProtectionRequest request;
  request.required = ProtectionFlags(parameters.require_signing, parameters.require_sealing);
  request.wanted =
      request.required | ProtectionFlags(parameters.want_signing, parameters.want_sealing);
  return request;
}

}  // namespace

// A name from an untrusted source must not choose its own exception.
OutgoingTraffic InitiatorCredentials::OutgoingTo(const InitiatorParameters& parameters) const {
  if (policy_.outgoing == OutgoingTraffic::kAllow || parameters.target_name_untrusted) {
    return policy_.outgoing;
  }
  const auto name = ServicePrincipalName::Parse(parameters.target_name);
  return name.ok() && IsListedServer(policy_.unrestricted_servers, name->host())
             ? OutgoingTraffic::kAllow
             : policy_.outgoing;
}

void InitiatorCredentials::ReportOutgoing(const Destination& destination) const {
  if (destination.outgoing == OutgoingTraffic::kAllow || audit_ == nullptr) {
    return;
  }
  AuditEvent event;
  event.time = clock_.Now();
  const bool denied = destination.outgoing == OutgoingTraffic::kDeny;
  event.outcome = denied ? AuditOutcome::kRefused : AuditOutcome::kNoticed;
  event.reason = denied ? Reason::kClientPolicyForbids : Reason::kOutgoingNtlmAudited;
  event.status = StatusOf(event.reason);
  event.detail = std::string(kOutgoingSetting);
  if (!destination.passed_over.empty()) {
    event.detail += "; " + destination.passed_over;
  }
  event.package = std::string(package().name);
  event.claims.user = identity_.user_text;
  event.claims.domain = identity_.domain_text;
  event.identity = identity_.anonymous ? IdentityKind::kAnonymous : IdentityKind::kUser;
  event.target_name = destination.target_name;
  audit_->OnEvent(event);
}

absl::StatusOr<std::unique_ptr<Mechanism>> InitiatorCredentials::CreateInitiator(
    const Channel& channel, InitiatorParameters parameters) const {
  auto exchange = std::make_unique<InitiatorExchange>();
  ResponseClaims& claims = exchange->claims;
  ExtendedProtectionEvidence evidence;
  evidence.mic = identity_.anonymous ? MicEvidence::kAbsent : MicEvidence::kVerified;
  evidence.binding = BindingEvidence::kAbsent;
  if (parameters.binding != BindingRequest::kOmit && policy_.suppress_extended_protection == 0 &&
      !identity_.anonymous) {
    EPA_ASSIGN_OR_RETURN(claims.target_name, WireName("target name", parameters.target_name));
    // Now, so that a channel that cannot be bound fails before anything leaves.
    EPA_RETURN_IF_ERROR(BindingToSend(channel, parameters.binding).status());
    claims.binding = parameters.binding;
    claims.target_name_untrusted = parameters.target_name_untrusted;
    evidence.target_name = parameters.target_name;
    evidence.target_name_voucher = parameters.target_name_untrusted
                                       ? TargetNameVoucher::kUnsureClient
                                       : TargetNameVoucher::kClient;
  }
  exchange->request = RequestOf(parameters);
  exchange->destination.outgoing = OutgoingTo(parameters);
  exchange->destination.target_name = std::move(parameters.target_name);
  exchange->destination.passed_over = std::move(parameters.passed_over);
  auto self = std::static_pointer_cast<const InitiatorCredentials>(shared_from_this());
  return std::make_unique<NtlmInitiator>(std::move(self), channel, std::move(exchange),
                                         std::move(evidence));
}

absl::StatusOr<std::shared_ptr<const Credentials>> CreateInitiatorCredentials(
    InitiatorOptions options) {
  EPA_RETURN_IF_ERROR(crypto::OpenSslLibrary::Get().RequireNtlm());
  EPA_RETURN_IF_ERROR(CheckPolicy(options.policy));
  EPA_ASSIGN_OR_RETURN(auto identity, IdentityOf(options));
  return std::make_shared<InitiatorCredentials>(
      std::move(identity), std::move(options.policy), std::move(options.audit),
      std::move(options.reflection_guard),
      options.clock != nullptr ? *options.clock : SystemClock(),
      options.random != nullptr ? *options.random : SystemRandom());
}

}  // namespace epa::ntlm
