// What the demonstration found, for people and for programs.
#ifndef EPA_TOOLS_EPA_DEMO_REPORT_H_
#define EPA_TOOLS_EPA_DEMO_REPORT_H_

#include <string>
#include <vector>

#include "epa/core/extended_protection.h"
#include "epa/core/reason.h"
#include "tools/epa/common/output.h"
#include "tools/epa/demo/truth_table.h"

namespace epa::tool {

// One login of one client in one mode.
struct DemoCell {
  ExtendedProtectionMode mode = ExtendedProtectionMode::kRequire;
  ClientState state = ClientState::kAbsent;
  bool accepted = false;
  Reason reason = Reason::kNone;
  // What the client saw, where it differs from what the server decided, or why it could not even
  // try; empty otherwise.
  std::string fault;
  ExpectedCell expected{};

  bool Matches() const {
    return fault.empty() && accepted == expected.accepted && reason == expected.reason;
  }
};

struct DemoRow {
  std::string group;
  std::string label;
  std::string package;
  std::string scheme;
  bool relayed = false;
  std::vector<DemoCell> cells;  // one for each mode
};

struct DemoReport {
  std::vector<DemoRow> rows;
  std::vector<std::string> left_out;

  size_t CellCount() const;
  size_t MatchingCount() const;
};

std::string DemoReportForPeople(const DemoReport& report);
Json DemoReportAsJson(const DemoReport& report);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_REPORT_H_
