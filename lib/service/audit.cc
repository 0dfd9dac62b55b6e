#include <cstdint>
#include <utility>
#include <vector>

#include "epa/audit_json/journal.h"
#include "epa/audit_json/json_lines.h"
#include "lib/base/status_macros.h"
#include "lib/service/parts.h"

namespace epa::service {
namespace {

class SeveralAuditSinks final : public AuditSink {
 public:
  explicit SeveralAuditSinks(std::vector<std::shared_ptr<AuditSink>> sinks)
      : sinks_(std::move(sinks)) {}

  void OnEvent(const AuditEvent& event) override {
    for (const std::shared_ptr<AuditSink>& sink : sinks_) {
      sink->OnEvent(event);
    }
  }
  uint64_t lost_events() const override {
    uint64_t lost = 0;
    for (const std::shared_ptr<AuditSink>& sink : sinks_) {
      lost += sink->lost_events();
    }
    return lost;
  }

 private:
  const std::vector<std::shared_ptr<AuditSink>> sinks_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<AuditSink>> OpenAudit(std::string_view where) {
  constexpr std::string_view kJournal = "journal";
  constexpr std::string_view kOtherJournal = "journal:";
  if (where == kJournal) {
    return JournalAuditSink::Create();
  }
  if (where.starts_with(kOtherJournal)) {
    return JournalAuditSink::Create(std::string(where.substr(kOtherJournal.size())));
  }
  return JsonLinesAuditSink::Create(std::string(where));
}

absl::StatusOr<std::shared_ptr<AuditSink>> AuditOf(const ServiceSettings& settings) {
  std::vector<std::shared_ptr<AuditSink>> sinks;
  for (size_t i = 0; i < settings.audit.size(); ++i) {
    auto sink = OpenAudit(settings.audit[i]);
    if (!sink.ok()) {
      return absl::InvalidArgumentError(settings.Where("audit", i) + ": " +
                                        std::string(sink.status().message()));
    }
    sinks.push_back(*std::move(sink));
  }
  if (sinks.empty()) {
    return NoAudit();
  }
  return sinks.size() == 1 ? std::move(sinks.front())
                           : std::make_shared<SeveralAuditSinks>(std::move(sinks));
}

}  // namespace epa::service
