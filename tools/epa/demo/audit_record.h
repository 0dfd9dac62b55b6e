// What a server of the demonstration said of logins.
#ifndef EPA_TOOLS_EPA_DEMO_AUDIT_RECORD_H_
#define EPA_TOOLS_EPA_DEMO_AUDIT_RECORD_H_

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "epa/core/audit.h"

namespace epa::tool {

class AuditRecord {
 public:
  virtual ~AuditRecord() = default;
  // The last login that was accepted or refused since the last call: outcome, reason, package and
  // binding of it.
  virtual std::optional<AuditEvent> Take() = 0;
};

// Of a server in this process.
class RecordingAuditSink final : public AuditSink, public AuditRecord {
 public:
  void OnEvent(const AuditEvent& event) override;
  std::optional<AuditEvent> Take() override;

 private:
  std::mutex mutex_;
  std::optional<AuditEvent> last_;
};

// Of one that writes JSON lines to a file.
class AuditFile final : public AuditRecord {
 public:
  explicit AuditFile(std::string path) : path_(std::move(path)) {}
  std::optional<AuditEvent> Take() override;

 private:
  const std::string path_;
  size_t read_ = 0;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_AUDIT_RECORD_H_
