// The audit event: exactly one per exchange, with the reason and never a secret. Settings that
// weaken this side are reported once, when they take effect.
#ifndef EPA_CORE_AUDIT_H_
#define EPA_CORE_AUDIT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "epa/base/clock.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/core/identity.h"
#include "epa/core/negotiation_record.h"
#include "epa/core/reason.h"
#include "epa/core/windows_event.h"

#pragma GCC visibility push(default)

namespace epa {

enum class AuditOutcome : uint8_t {
  kAccepted,
  kRefused,    // the peer's doing
  kFault,      // ours
  kAbandoned,  // released half-way
  kNoticed,    // nobody logged in: something an operator wants to know
};
std::string_view AuditOutcomeName(AuditOutcome outcome);

// Strings from the peer are UTF-8 and otherwise as the peer sent them: a sink escapes them.
struct AuditEvent {
  FileTime time = 0;
  AuditOutcome outcome = AuditOutcome::kRefused;
  Reason reason = Reason::kNone;
  SecurityStatus status = SecurityStatus::kOk;
  // More about the reason where there is more: an offset, a field, an AV pair's name.
  std::string detail;
  // What the server knows of the connection, such as "192.0.2.1:50432".
  std::string connection;
  std::string package;
  // Where the login came through Negotiate.
  std::optional<NegotiationRecord> negotiation;
  // The account, as the authority or the ticket spells it. Empty where none was proved.
  std::string user;
  std::string domain;
  bool identity_verified = false;
  IdentityKind identity = IdentityKind::kUser;
  // Who the peer says it is.
  PeerClaims claims;
  ChannelKind channel = ChannelKind::kPlain;
  ExtendedProtectionMode mode = ExtendedProtectionMode::kRequire;
  bool audit_only = false;
  BindingEvidence binding = BindingEvidence::kNotChecked;
  // The type of the binding that matched.
  std::optional<ChannelBindingType> matched_binding;
  std::optional<std::string> target_name;
  TargetNameVoucher target_name_voucher = TargetNameVoucher::kNobody;
  MicEvidence mic = MicEvidence::kNotApplicable;
  PacEvidence pac = PacEvidence::kNotApplicable;
  // What mode 2 would have said. Absent where the policy was not reached.
  std::optional<bool> accepted_if_required;
  Reason reason_if_required = Reason::kNone;
  // What Windows would have written. Absent where it has no event of its own.
  std::optional<WindowsEvent> windows_event;
};

// Receives events. Called on the thread that steps the context, under no lock; must be safe for
// several threads and must not block for long.
class AuditSink {
 public:
  virtual ~AuditSink() = default;
  virtual void OnEvent(const AuditEvent& event) = 0;
  // Events it could not pass on.
  virtual uint64_t lost_events() const { return 0; }
};

// For servers that keep no audit, and say so: drops all events. Lives for the whole process.
const std::shared_ptr<AuditSink>& NoAudit();

// Whether `audit` suffices for a server with this policy: InvalidArgument for null, and for an
// audit-only policy without an audit. SecurityContext::Accept asks it, and servers at start.
[[nodiscard]] absl::Status CheckAudit(const ExtendedProtectionPolicy& policy,
                                      const std::shared_ptr<AuditSink>& audit);

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_AUDIT_H_
