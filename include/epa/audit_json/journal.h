// Audit events in systemd's journal.
#ifndef EPA_AUDIT_JSON_JOURNAL_H_
#define EPA_AUDIT_JSON_JOURNAL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"

#pragma GCC visibility push(default)

namespace epa {

// The native protocol's socket of a running journal.
inline constexpr char kJournalSocket[] = "/run/systemd/journal/socket";

// One entry an event: MESSAGE for people, PRIORITY, SYSLOG_IDENTIFIER=epa, and the fields of the
// JSON lines in upper case after EPA_, such as EPA_REASON; those of Windows' event are
// EPA_WINDOWS_EVENT_ID and so on, its data EPA_WINDOWS_EVENT_DATA_ and the name in upper case.
// Text is sent with its length, so that a hostile name cannot forge a field.
//
// Never blocks: an event that the journal does not take at once is lost and counted. A journal
// that was restarted is found again. In a chroot that has no such path events go on to the journal
// that was there when the sink was made.
class JournalAuditSink : public AuditSink {
 public:
  // InvalidArgument for a path that is no socket's: empty, or of 108 octets and more. Whether
  // somebody listens there shows with each event.
  static absl::StatusOr<std::shared_ptr<JournalAuditSink>> Create(
      const std::string& socket_path = kJournalSocket);
  ~JournalAuditSink() override;

  void OnEvent(const AuditEvent& event) override;
  uint64_t lost_events() const override;

 private:
  struct Impl;
  explicit JournalAuditSink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_AUDIT_JSON_JOURNAL_H_
