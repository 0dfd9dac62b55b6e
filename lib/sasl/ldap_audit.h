// Adds to a directory server's audit what Windows' events 3039, 3040 and 3041 say.
#ifndef EPA_LIB_SASL_LDAP_AUDIT_H_
#define EPA_LIB_SASL_LDAP_AUDIT_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "epa/base/clock.h"
#include "epa/core/audit.h"

namespace epa::sasl {

// Hands every event on to `sink`. Safe for several threads where `sink` is.
class LdapAudit final : public AuditSink {
 public:
  // In mode 0 the first event is preceded by one that says that bindings are not asked for.
  // `clock` outlives the object.
  LdapAudit(std::shared_ptr<AuditSink> sink, ExtendedProtectionMode mode, const Clock& clock);

  void OnEvent(const AuditEvent& event) override;
  uint64_t lost_events() const override { return sink_->lost_events(); }

 private:
  // Whether the one notice of the mode is due.
  bool ModeIsToBeTold();
  // How many logins were not bound, where a day has passed; 0: none, or not yet.
  uint64_t CountOfTheDay(const AuditEvent& event);
  void Notice(WindowsEvent event);

  const std::shared_ptr<AuditSink> sink_;
  const Clock& clock_;
  std::mutex mutex_;
  bool mode_is_told_;
  FileTime last_report_;
  uint64_t unbound_ = 0;
};

}  // namespace epa::sasl

#endif  // EPA_LIB_SASL_LDAP_AUDIT_H_
