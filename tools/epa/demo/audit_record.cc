#include "tools/epa/demo/audit_record.h"

#include <fstream>
#include <initializer_list>

#include "tools/epa/common/output.h"

namespace epa::tool {
namespace {

Reason ReasonNamed(const std::string& name) {
  for (size_t i = 0; i <= static_cast<size_t>(Reason::kAbandoned); ++i) {
    if (ReasonName(static_cast<Reason>(i)) == name) {
      return static_cast<Reason>(i);
    }
  }
  return Reason::kInternalFault;
}

BindingEvidence BindingNamed(const std::string& name) {
  for (const BindingEvidence binding : {BindingEvidence::kAbsent, BindingEvidence::kExplicitNone,
                                        BindingEvidence::kMatched, BindingEvidence::kMismatched}) {
    if (BindingEvidenceName(binding) == name) {
      return binding;
    }
  }
  return BindingEvidence::kNotChecked;
}

// No value: not the end of a login.
std::optional<AuditEvent> ReadEvent(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) {
    return std::nullopt;
  }
  AuditEvent event;
  event.outcome = AuditOutcome::kAccepted;
  const std::string outcome = json.value("outcome", "");
  if (outcome == AuditOutcomeName(AuditOutcome::kRefused)) {
    event.outcome = AuditOutcome::kRefused;
  } else if (outcome != AuditOutcomeName(AuditOutcome::kAccepted)) {
    return std::nullopt;
  }
  event.reason = ReasonNamed(json.value("reason", ""));
  event.package = json.value("package", "");
  event.binding = BindingNamed(json.value("binding", ""));
  return event;
}

}  // namespace

void RecordingAuditSink::OnEvent(const AuditEvent& event) {
  const std::lock_guard lock(mutex_);
  if (event.outcome == AuditOutcome::kAccepted || event.outcome == AuditOutcome::kRefused) {
    last_ = event;
  }
}

std::optional<AuditEvent> RecordingAuditSink::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(last_, std::nullopt);
}

std::optional<AuditEvent> AuditFile::Take() {
  std::optional<AuditEvent> last;
  std::ifstream file(path_);
  file.seekg(static_cast<std::streamoff>(read_));
  for (std::string line; std::getline(file, line) && !file.eof();) {
    read_ += line.size() + 1;
    if (std::optional<AuditEvent> event = ReadEvent(line); event.has_value()) {
      last = std::move(event);
    }
  }
  return last;
}

}  // namespace epa::tool
