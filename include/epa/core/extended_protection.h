// Extended protection: what was proved, what the operator requires, and the decision.
#ifndef EPA_CORE_EXTENDED_PROTECTION_H_
#define EPA_CORE_EXTENDED_PROTECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/identity.h"
#include "epa/core/reason.h"
#include "epa/core/security_status.h"
#include "epa/core/service_principal_name.h"

#pragma GCC visibility push(default)

namespace epa {

// The values of the registry setting `ExtendedProtection`.
enum class ExtendedProtectionMode : uint8_t {
  kLegacy = 0,   // nothing is compared, not even a wrong binding
  kAllow = 1,    // what a client sends must be right; a client that sends nothing is served
  kRequire = 2,  // every client must bind
};
std::string_view ExtendedProtectionModeName(ExtendedProtectionMode mode);  // legacy allow require

// Where TLS ends.
enum class ProtectionScenario : uint8_t {
  kTransportSelected,  // the channel decides: TLS is checked by binding, clear by service name
  kTrustedProxy,       // at a proxy: the binding must be some binding, and the name ours
};

// What the provider found out about the channel binding. Absent, zero, matching and different
// are four cases everywhere.
enum class BindingEvidence : uint8_t {
  kNotChecked,    // the provider has not looked
  kAbsent,        // the client said nothing (an old client, or a suppressed one)
  kExplicitNone,  // the client knows bindings and says it had no channel: 16 zero octets
  kMatched,       // equal to one of the channel's bindings
  kMismatched,    // not zero and equal to none of them (also where the channel has none)
};
std::string_view BindingEvidenceName(BindingEvidence binding);

enum class MicEvidence : uint8_t {
  kNotApplicable,  // the mechanism protects its messages otherwise (Kerberos)
  kAbsent,
  kVerified,
};
std::string_view MicEvidenceName(MicEvidence mic);

// The PAC, in which a domain's KDC names the account of a Kerberos ticket ([MS-PAC]).
enum class PacEvidence : uint8_t {
  kNotApplicable,  // not Kerberos
  kAbsent,
  kVerified,  // signed with the service's key
  kInvalid,   // there, and not so signed: nothing in it counts
};
std::string_view PacEvidenceName(PacEvidence pac);

// Who vouches for the name of the service that the client meant.
enum class TargetNameVoucher : uint8_t {
  // Nobody: it stands where no proof covers it, as the service name of a Kerberos ticket does
  // (RFC 4120 5.3: `sname` is outside of what the ticket's key seals).
  kNobody,
  // The client, under its proof: NTLM's AV pair 9 ([MS-NLMP] 2.2.2.1), Kerberos'
  // KERB_AUTH_DATA_CLIENT_TARGET ([MS-KILE] 3.2.5.8).
  kClient,
  // The client, which marks the name as coming from an untrusted source (MsvAvFlags 0x4 there,
  // KERB_AP_OPTIONS_UNVERIFIED_TARGET_NAME here); it then counts as not named.
  kUnsureClient,
  // The key that opened the ticket: the operator declares that no other service has it.
  kExclusiveKey,
};
std::string_view TargetNameVoucherName(TargetNameVoucher voucher);

// What the provider found. Only what the client's proof covers belongs in here, but for a target
// name that says that nobody vouches for it.
struct ExtendedProtectionEvidence {
  BindingEvidence binding = BindingEvidence::kNotChecked;
  TargetNameVoucher target_name_voucher = TargetNameVoucher::kNobody;
  MicEvidence mic = MicEvidence::kNotApplicable;
  // For the audit: who the account is says the identity.
  PacEvidence pac = PacEvidence::kNotApplicable;
  // The index in Channel::bindings() where `binding` is kMatched.
  std::optional<size_t> matched_binding;
  // The service the client meant. No value: it named none. Empty: it said that it had none.
  std::optional<std::string> target_name;
  // With kExclusiveKey: every name under which the keytab has that key. The declaration holds for
  // names that are all accepted; null or empty: for none.
  std::shared_ptr<const std::vector<std::string>> key_names;
};

struct ExtendedProtectionOptions {
  ExtendedProtectionMode mode = ExtendedProtectionMode::kRequire;
  ProtectionScenario scenario = ProtectionScenario::kTransportSelected;
  // With kTrustedProxy: the same server also gets connections that were never TLS, so the binding
  // is not looked at and the service name alone decides.
  bool proxy_cohosting = false;
  // The service-name check always succeeds. On TLS the binding still decides; elsewhere see
  // `nothing_to_check`.
  bool no_service_name_check = false;
  // What it says: mode 1 or 2 where the settings above leave neither a binding nor a service name
  // to look at, such as a channel without TLS and without a service-name check, accepts every
  // login. Without this such a server is refused when it is set up.
  bool nothing_to_check = false;
  // Stricter than Windows: on TLS the service name is checked too, which stops a relay between
  // two servers that share one certificate.
  bool service_name_on_tls = false;
  AcceptedServiceNames accepted_names;
  // Evaluate and report; refuse nothing because of a binding, a service name or a missing MIC.
  // Guests and anonymous clients are refused all the same unless allowed below.
  bool audit_only = false;
  // Refuse users whose mechanism has a MIC and did not send it. In every mode.
  bool require_mic = false;
  bool allow_guest = false;
  bool allow_anonymous = false;
};

// What one server requires. Immutable; shared by all threads.
class ExtendedProtectionPolicy {
 public:
  // Fails on settings that promise more than they do:
  //  1. co-hosting without a trusted proxy;
  //  2. a trusted proxy in mode 1 or 2 with neither accepted names nor `no_service_name_check`;
  //  3. mode 1 or 2 behind a trusted proxy without a service-name check, which would compare
  //     nothing, unless `nothing_to_check` says that this is meant;
  //  4. `service_name_on_tls` without accepted names, or with `no_service_name_check`;
  //  5. mode 2 with `allow_anonymous` or `allow_guest`, unless audit-only: neither can bind.
  static absl::StatusOr<ExtendedProtectionPolicy> Create(ExtendedProtectionOptions options);

  const ExtendedProtectionOptions& options() const { return options_; }
  ExtendedProtectionMode mode() const { return options_.mode; }
  bool audit_only() const { return options_.audit_only; }

  // Whether this policy can protect a channel of `kind`: InvalidArgument in mode 1 or 2 on a
  // channel without TLS of its own where there are no accepted names, or nothing at all to look
  // at. SecurityContext::Accept checks it; a server that knows its channels does so at its start.
  [[nodiscard]] absl::Status CheckChannel(ChannelKind kind) const;

  // One "key = value" a line, in a fixed order.
  std::string ToString() const;

 private:
  explicit ExtendedProtectionPolicy(ExtendedProtectionOptions options)
      : options_(std::move(options)) {}

  ExtendedProtectionOptions options_;
};

struct ExtendedProtectionDecision {
  // Whether the login may go on.
  bool accepted = false;
  // What the policy says, audit-only or not: `accepted` differs from `compliant` only there.
  bool compliant = false;
  // Why `compliant` is what it is.
  Reason reason = Reason::kNone;
  // kOk, or the SSPI code of the refusal.
  SecurityStatus status = SecurityStatus::kOk;
  // What mode 2 would have said with everything else the same: who breaks on the way to 2. Guests
  // and anonymous clients do, since mode 2 does not have them.
  bool accepted_if_required = false;
  Reason reason_if_required = Reason::kNone;
};

// Decides. Pure: no allocation, no clock, no state. The order is identity, MIC, binding, name.
[[nodiscard]] ExtendedProtectionDecision EvaluateExtendedProtection(
    const ExtendedProtectionPolicy& policy, const Channel& channel, IdentityKind identity,
    const ExtendedProtectionEvidence& evidence);

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_EXTENDED_PROTECTION_H_
