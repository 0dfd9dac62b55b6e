#include "tools/epa/serve/server_report.h"

namespace epa::tool {
namespace {

std::string Count(uint64_t number, const char* what) { return std::to_string(number) + " " + what; }

}  // namespace

std::string StatusLine(const TcpServer& server, const AuditLog& audit) {
  const ServerCounters& counters = server.counters();
  return "connections: " + Count(counters.connections, "in all, ") +
         Count(server.limits().count(), "open, ") +
         Count(server.limits().waiting_count(), "of them not logged in, ") +
         Count(counters.gave_way, "gave way, ") +
         Count(counters.refused_for_address, "turned away, ") +
         Count(counters.times_full, "times full, ") +
         Count(counters.out_of_descriptors, "times out of descriptors, ") +
         Count(counters.late_logins, "too slow, ") +
         Count(counters.faults, "with a fault of ours; ") +
         "logins: " + Count(audit.accepted(), "accepted, ") + Count(audit.refused(), "refused, ") +
         Count(audit.abandoned(), "abandoned, ") + Count(audit.faults(), "failed by a fault; ") +
         Count(audit.lost_events(), "audit events lost");
}

void SayWhatIsWrong(const TcpServer& server, const AuditLog& audit, OperatorLog& log) {
  const ServerCounters& counters = server.counters();
  if (counters.gave_way > 0) {
    log.SayOnce(LogLevel::kNotice,
                "connections that have not logged in give way to others: --max-connections or "
                "--max-connections-per-address is reached");
  }
  if (counters.refused_for_address > 0) {
    log.SayOnce(LogLevel::kWarning,
                "connections are turned away: an address has reached "
                "--max-connections-per-address, all logged in");
  }
  if (counters.times_full > 0) {
    log.SayOnce(LogLevel::kWarning,
                "connections wait to be accepted: --max-connections is reached, all logged in");
  }
  if (counters.out_of_descriptors > 0) {
    log.SayOnce(
        LogLevel::kError,
        "connections cannot be accepted: out of descriptors or memory (ulimit -n, LimitNOFILE=)");
  }
  if (counters.faults > 0) {
    log.SayOnce(
        LogLevel::kError,
        "connections or logins failed because of a fault of ours, such as too little memory");
  }
  if (audit.lost_events() > 0) {
    log.SayOnce(LogLevel::kError,
                "audit events are lost: what --audit names cannot be written, or not fast enough");
  }
}

}  // namespace epa::tool
