#include "lib/sasl/ldap_audit.h"

#include "epa/core/windows_event.h"

namespace epa::sasl {
namespace {

constexpr FileTime kDay = FileTime{24} * 3600 * kTicksPerSecond;

std::string NameOf(const AuditEvent& event) {
  const bool verified = event.identity_verified;
  const std::string& user = verified ? event.user : event.claims.user;
  const std::string& domain = verified ? event.domain : event.claims.domain;
  return domain.empty() ? user : domain + "\\" + user;
}

bool IsUnbound(const AuditEvent& event) {
  return event.outcome == AuditOutcome::kAccepted && event.channel == ChannelKind::kTls &&
         event.mode == ExtendedProtectionMode::kLegacy &&
         event.binding != BindingEvidence::kMatched;
}

}  // namespace

LdapAudit::LdapAudit(std::shared_ptr<AuditSink> sink, ExtendedProtectionMode mode,
                     const Clock& clock)
    : sink_(std::move(sink)),
      clock_(clock),
      mode_is_told_(mode != ExtendedProtectionMode::kLegacy),
      last_report_(clock.Now()) {}

bool LdapAudit::ModeIsToBeTold() {
  const std::lock_guard lock(mutex_);
  return !std::exchange(mode_is_told_, true);
}

void LdapAudit::OnEvent(const AuditEvent& event) {
  if (ModeIsToBeTold()) {
    Notice(LdapBindingNotAskedForEvent());
  }
  if (event.outcome == AuditOutcome::kRefused && event.status == SecurityStatus::kBadBindings) {
    AuditEvent extended = event;
    extended.windows_event = LdapBindingFailedEvent(event.connection, NameOf(event));
    sink_->OnEvent(extended);
    return;
  }
  sink_->OnEvent(event);
  if (const uint64_t count = CountOfTheDay(event); count > 0) {
    Notice(UnboundLdapBindsEvent(count));
  }
}

uint64_t LdapAudit::CountOfTheDay(const AuditEvent& event) {
  const std::lock_guard lock(mutex_);
  unbound_ += IsUnbound(event) ? 1 : 0;
  if (event.time < last_report_ + kDay) {
    return 0;
  }
  last_report_ = event.time;
  return std::exchange(unbound_, 0);
}

void LdapAudit::Notice(WindowsEvent event) {
  AuditEvent notice;
  notice.time = clock_.Now();
  notice.outcome = AuditOutcome::kNoticed;
  notice.reason = Reason::kLegacyMode;
  notice.mode = ExtendedProtectionMode::kLegacy;
  notice.channel = ChannelKind::kTls;
  notice.windows_event = std::move(event);
  sink_->OnEvent(notice);
}

}  // namespace epa::sasl
