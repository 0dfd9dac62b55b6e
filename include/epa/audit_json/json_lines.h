// Audit events as JSON lines.
#ifndef EPA_AUDIT_JSON_JSON_LINES_H_
#define EPA_AUDIT_JSON_JSON_LINES_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"

#pragma GCC visibility push(default)

namespace epa {

// One event as one JSON object, without the line feed. Text that is not UTF-8 is replaced, control
// characters are escaped: a hostile name cannot forge a line. Absent fields are left out.
std::string AuditEventToJson(const AuditEvent& event);

// Appends one line an event to a file, with one write(2) each, so that several processes may share
// it. "-" is standard error. An event that cannot be written at once, because a disk or a pipe is
// full for instance, is lost and counted: nobody waits.
class JsonLinesAuditSink : public AuditSink {
 public:
  // FailedPrecondition, among others, for a named pipe that nobody reads.
  static absl::StatusOr<std::shared_ptr<JsonLinesAuditSink>> Create(const std::string& path);
  ~JsonLinesAuditSink() override;

  void OnEvent(const AuditEvent& event) override;
  uint64_t lost_events() const override;

 private:
  struct Impl;
  explicit JsonLinesAuditSink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_AUDIT_JSON_JSON_LINES_H_
