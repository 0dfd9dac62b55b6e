// The decision. One function, no state: see docs/extended_protection.md for the table it computes.
#include "epa/core/extended_protection.h"

#include <algorithm>

namespace epa {
namespace {

struct Finding {
  bool compliant = false;
  Reason reason = Reason::kNone;
};

Finding Comply(Reason reason) { return {true, reason}; }
Finding Refuse(Reason reason) { return {false, reason}; }

ChannelKind EffectiveChannel(const ExtendedProtectionOptions& options, const Channel& channel) {
  return options.scenario == ProtectionScenario::kTrustedProxy ? ChannelKind::kTrustedProxy
                                                               : channel.kind();
}

// TLS ended here: only the binding of this very channel will do.
Finding CheckTlsBinding(ExtendedProtectionMode mode, const Channel& channel,
                        BindingEvidence binding) {
  switch (binding) {
    case BindingEvidence::kMatched:
      return channel.has_bindings() ? Comply(Reason::kBindingMatched)
                                    : Refuse(Reason::kChannelHasNoBinding);
    case BindingEvidence::kAbsent:
      if (mode == ExtendedProtectionMode::kAllow) {
        return Comply(Reason::kBindingMissingAllowed);
      }
      return Refuse(channel.has_bindings() ? Reason::kBindingMissing
                                           : Reason::kChannelHasNoBinding);
    case BindingEvidence::kExplicitNone:
      return Refuse(Reason::kBindingExplicitlyNone);
    case BindingEvidence::kMismatched:
      return Refuse(channel.has_bindings() ? Reason::kBindingMismatch
                                           : Reason::kChannelHasNoBinding);
    case BindingEvidence::kNotChecked:
      return Refuse(Reason::kBindingNotChecked);
  }
  return Refuse(Reason::kBindingNotChecked);
}

// TLS ended at the proxy: any binding shows that the client saw some TLS.
Finding CheckProxyBinding(ExtendedProtectionMode mode, bool cohosting, BindingEvidence binding) {
  if (cohosting) {
    return Comply(Reason::kServiceNameNotChecked);
  }
  switch (binding) {
    case BindingEvidence::kMatched:
    case BindingEvidence::kMismatched:
      return Comply(Reason::kProxyBindingPresent);
    case BindingEvidence::kAbsent:
      return mode == ExtendedProtectionMode::kAllow ? Comply(Reason::kBindingMissingAllowed)
                                                    : Refuse(Reason::kBindingMissing);
    case BindingEvidence::kExplicitNone:
      return Refuse(Reason::kBindingExplicitlyNone);
    case BindingEvidence::kNotChecked:
      return Refuse(Reason::kBindingNotChecked);
  }
  return Refuse(Reason::kBindingNotChecked);
}

bool KeyIsOursAlone(const AcceptedServiceNames& ours, const ExtendedProtectionEvidence& evidence) {
  return evidence.key_names != nullptr && !evidence.key_names->empty() &&
         std::ranges::all_of(*evidence.key_names,
                             [&ours](const std::string& name) { return ours.Matches(name); });
}

// Why one of our own names counts as not given. kNone: it counts.
Reason DoubtAboutOurName(const AcceptedServiceNames& ours,
                         const ExtendedProtectionEvidence& evidence) {
  switch (evidence.target_name_voucher) {
    case TargetNameVoucher::kClient:
      return Reason::kNone;
    case TargetNameVoucher::kExclusiveKey:
      return KeyIsOursAlone(ours, evidence) ? Reason::kNone : Reason::kServiceKeyShared;
    case TargetNameVoucher::kUnsureClient:
      return Reason::kServiceNameUntrusted;
    case TargetNameVoucher::kNobody:
      break;
  }
  return Reason::kServiceNameNotVouchedFor;
}

Finding CheckServiceName(const ExtendedProtectionOptions& options, ExtendedProtectionMode mode,
                         const ExtendedProtectionEvidence& evidence) {
  const AcceptedServiceNames& ours = options.accepted_names;
  Reason doubt = Reason::kNone;
  if (!evidence.target_name.has_value()) {
    doubt = Reason::kServiceNameMissing;
  } else if (evidence.target_name_voucher == TargetNameVoucher::kUnsureClient) {
    doubt = Reason::kServiceNameUntrusted;
  } else if (evidence.target_name->empty()) {
    doubt = Reason::kServiceNameEmpty;
  } else if (!ours.Matches(*evidence.target_name)) {
    return Refuse(Reason::kServiceNameMismatch);  // whoever says so
  } else {
    doubt = DoubtAboutOurName(ours, evidence);
  }
  if (doubt == Reason::kNone) {
    return Comply(Reason::kServiceNameMatched);
  }
  return mode == ExtendedProtectionMode::kAllow ? Comply(Reason::kServiceNameMissingAllowed)
                                                : Refuse(doubt);
}

Finding CheckChannel(const ExtendedProtectionOptions& options, ExtendedProtectionMode mode,
                     const Channel& channel, const ExtendedProtectionEvidence& evidence) {
  if (mode == ExtendedProtectionMode::kLegacy) {
    return Comply(Reason::kLegacyMode);
  }
  const ChannelKind kind = EffectiveChannel(options, channel);
  Finding binding = Comply(Reason::kServiceNameNotChecked);
  if (kind == ChannelKind::kTls) {
    binding = CheckTlsBinding(mode, channel, evidence.binding);
  } else if (kind == ChannelKind::kTrustedProxy) {
    binding = CheckProxyBinding(mode, options.proxy_cohosting, evidence.binding);
  }
  const bool name_decides = kind != ChannelKind::kTls || options.service_name_on_tls;
  if (!binding.compliant || options.no_service_name_check || !name_decides) {
    return binding;
  }
  return CheckServiceName(options, mode, evidence);
}

// What no mode and no audit-only setting switches off.
Finding CheckIdentity(const ExtendedProtectionOptions& options, IdentityKind identity) {
  switch (identity) {
    case IdentityKind::kUser:
      return Comply(Reason::kNone);
    case IdentityKind::kGuest:
      return options.allow_guest ? Comply(Reason::kGuestAllowed) : Refuse(Reason::kGuestRefused);
    case IdentityKind::kAnonymous:
      return options.allow_anonymous ? Comply(Reason::kAnonymousAllowed)
                                     : Refuse(Reason::kAnonymousRefused);
  }
  return Refuse(Reason::kAnonymousRefused);
}

Finding CheckProtection(const ExtendedProtectionOptions& options, ExtendedProtectionMode mode,
                        const Channel& channel, IdentityKind identity,
                        const ExtendedProtectionEvidence& evidence) {
  if (options.require_mic && identity == IdentityKind::kUser &&
      evidence.mic == MicEvidence::kAbsent) {
    return Refuse(Reason::kMicRequired);
  }
  return CheckChannel(options, mode, channel, evidence);
}

// Mode 2 has neither guests nor anonymous clients: neither can bind.
Finding CheckIfRequired(const ExtendedProtectionOptions& options, const Channel& channel,
                        IdentityKind identity, const ExtendedProtectionEvidence& evidence) {
  switch (identity) {
    case IdentityKind::kUser:
      return CheckProtection(options, ExtendedProtectionMode::kRequire, channel, identity,
                             evidence);
    case IdentityKind::kGuest:
      return Refuse(Reason::kGuestRefused);
    case IdentityKind::kAnonymous:
      return Refuse(Reason::kAnonymousRefused);
  }
  return Refuse(Reason::kAnonymousRefused);
}

}  // namespace

std::string_view ExtendedProtectionModeName(ExtendedProtectionMode mode) {
  switch (mode) {
    case ExtendedProtectionMode::kLegacy:
      return "legacy";
    case ExtendedProtectionMode::kAllow:
      return "allow";
    case ExtendedProtectionMode::kRequire:
      return "require";
  }
  return "require";
}

std::string_view BindingEvidenceName(BindingEvidence binding) {
  switch (binding) {
    case BindingEvidence::kNotChecked:
      return "not_checked";
    case BindingEvidence::kAbsent:
      return "absent";
    case BindingEvidence::kExplicitNone:
      return "explicit_none";
    case BindingEvidence::kMatched:
      return "matched";
    case BindingEvidence::kMismatched:
      return "mismatched";
  }
  return "not_checked";
}

std::string_view MicEvidenceName(MicEvidence mic) {
  switch (mic) {
    case MicEvidence::kNotApplicable:
      return "not_applicable";
    case MicEvidence::kAbsent:
      return "absent";
    case MicEvidence::kVerified:
      return "verified";
  }
  return "not_applicable";
}

std::string_view PacEvidenceName(PacEvidence pac) {
  switch (pac) {
    case PacEvidence::kNotApplicable:
      return "not_applicable";
    case PacEvidence::kAbsent:
      return "absent";
    case PacEvidence::kVerified:
      return "verified";
    case PacEvidence::kInvalid:
      return "invalid";
  }
  return "not_applicable";
}

std::string_view TargetNameVoucherName(TargetNameVoucher voucher) {
  switch (voucher) {
    case TargetNameVoucher::kNobody:
      return "nobody";
    case TargetNameVoucher::kClient:
      return "client";
    case TargetNameVoucher::kUnsureClient:
      return "unsure_client";
    case TargetNameVoucher::kExclusiveKey:
      return "exclusive_key";
  }
  return "nobody";
}

ExtendedProtectionDecision EvaluateExtendedProtection(const ExtendedProtectionPolicy& policy,
                                                      const Channel& channel, IdentityKind identity,
                                                      const ExtendedProtectionEvidence& evidence) {
  const ExtendedProtectionOptions& options = policy.options();
  const Finding admitted = CheckIdentity(options, identity);
  ExtendedProtectionDecision decision;
  if (!admitted.compliant) {
    decision.reason = decision.reason_if_required = admitted.reason;
    decision.status = StatusOf(admitted.reason);
    return decision;
  }
  const Finding now = CheckProtection(options, options.mode, channel, identity, evidence);
  decision.compliant = now.compliant;
  decision.accepted = now.compliant || options.audit_only;
  decision.reason =
      now.compliant && admitted.reason != Reason::kNone ? admitted.reason : now.reason;
  decision.status = decision.accepted ? SecurityStatus::kOk : StatusOf(now.reason);
  const bool is_required =
      options.mode == ExtendedProtectionMode::kRequire && identity == IdentityKind::kUser;
  const Finding required =
      is_required ? now : CheckIfRequired(options, channel, identity, evidence);
  decision.accepted_if_required = required.compliant;
  decision.reason_if_required = required.reason;
  return decision;
}

}  // namespace epa
