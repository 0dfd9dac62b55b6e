// A sink that keeps every event.
#ifndef EPA_TESTS_SUPPORT_RECORDING_AUDIT_SINK_H_
#define EPA_TESTS_SUPPORT_RECORDING_AUDIT_SINK_H_

#include <vector>

#include "epa/core/audit.h"

namespace epa::test {

class RecordingAuditSink : public AuditSink {
 public:
  void OnEvent(const AuditEvent& event) override { events.push_back(event); }
  std::vector<AuditEvent> events;
};

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_RECORDING_AUDIT_SINK_H_
