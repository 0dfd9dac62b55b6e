// Where a server's audit events go, over the life of the process.
#ifndef EPA_TOOLS_EPA_SERVE_AUDIT_LOG_H_
#define EPA_TOOLS_EPA_SERVE_AUDIT_LOG_H_

#include <cstdint>
#include <memory>
#include <mutex>

#include "epa/core/audit.h"
#include "tools/epa/serve/server_counters.h"

namespace epa::tool {

// Counts what becomes of logins and passes their events on to a sink that may be replaced, which
// connections do not notice: a file that was moved away is written no more. For several threads.
class AuditLog final : public AuditSink {
 public:
  AuditLog() : sink_(NoAudit()) {}
  // Events go to `sink` from now on.
  void Replace(std::shared_ptr<AuditSink> sink);

  void OnEvent(const AuditEvent& event) override;

  uint64_t accepted() const { return accepted_; }
  uint64_t refused() const { return refused_; }
  uint64_t abandoned() const { return abandoned_; }
  uint64_t faults() const { return faults_; }
  // Events that could not be written, of all sinks.
  uint64_t lost_events() const override;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<AuditSink> sink_;
  uint64_t lost_before_ = 0;
  Counter accepted_ = 0;
  Counter refused_ = 0;
  Counter abandoned_ = 0;
  Counter faults_ = 0;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_AUDIT_LOG_H_
