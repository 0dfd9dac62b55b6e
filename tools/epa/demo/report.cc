#include "tools/epa/demo/report.h"

#include <algorithm>
#include <string_view>

namespace epa::tool {
namespace {

constexpr std::string_view kIntroduction =
    "  A server logs its users in by NTLM or Kerberos, inside TLS. An attacker who lures a user "
    "to\n"
    "  a TLS endpoint of his own can pass that login on to the real server and be the user there:\n"
    "  a relay. Extended protection stops it. The client signs into its proof which certificate "
    "it\n"
    "  sees (the binding); the server compares that with the certificate it presented.\n\n"
    "  Every cell is a real login over TLS to a server on this machine, in one of three modes:\n"
    "    0 legacy    nothing is compared\n"
    "    1 allow     a binding that is sent must be right; a client that sends none gets in\n"
    "    2 require   every client must bind\n\n";

// Footnotes in the order in which their reasons first occur.
class Footnotes {
 public:
  std::string Mark(Reason reason) {
    auto found = std::find(reasons_.begin(), reasons_.end(), reason);
    if (found == reasons_.end()) {
      reasons_.push_back(reason);
      found = reasons_.end() - 1;
    }
    return "[" + std::to_string(found - reasons_.begin() + 1) + "]";
  }

  std::string Render(const Printer& printer) const {
    Table table;
    for (size_t i = 0; i < reasons_.size(); ++i) {
      table.AddRow({{"[" + std::to_string(i + 1) + "]"},
                    {std::string(ReasonName(reasons_[i])), Style::kBold},
                    {std::string(ReasonText(reasons_[i])), Style::kDim}});
    }
    return table.Render(printer);
  }

 private:
  std::vector<Reason> reasons_;
};

Cell Show(const DemoRow& row, const DemoCell& cell, Footnotes& footnotes) {
  if (!cell.fault.empty()) {
    return {"FAULT", Style::kAlert};
  }
  const std::string mark = footnotes.Mark(cell.reason);
  if (!cell.Matches()) {
    return {std::string(cell.accepted ? "ACCEPTED" : "REFUSED") + " " + mark + " ?", Style::kAlert};
  }
  if (!cell.accepted) {
    return {"refused  " + mark, Style::kBad};
  }
  return row.relayed ? Cell{"accepted " + mark + " !", Style::kAlert}
                     : Cell{"accepted " + mark, Style::kGood};
}

Table TableOf(const DemoReport& report, Footnotes& footnotes) {
  Table table;
  table.AddRow({{"CLIENT", Style::kBold},
                {"0 LEGACY", Style::kBold},
                {"1 ALLOW", Style::kBold},
                {"2 REQUIRE", Style::kBold}});
  std::string_view group;
  for (const DemoRow& row : report.rows) {
    if (row.group != group) {
      group = row.group;
      table.AddRow({{row.group, Style::kDim}});
    }
    std::vector<Cell> cells = {{"  " + row.label}};
    for (const DemoCell& cell : row.cells) {
      cells.push_back(Show(row, cell, footnotes));
    }
    table.AddRow(std::move(cells));
  }
  return table;
}

std::string Verdict(bool accepted, Reason reason) {
  return std::string(accepted ? "accepted" : "refused") + " (" + std::string(ReasonName(reason)) +
         ")";
}

std::string Deviations(const DemoReport& report) {
  std::string text;
  for (const DemoRow& row : report.rows) {
    for (const DemoCell& cell : row.cells) {
      if (!cell.Matches()) {
        text += "  differs: " + row.label + ", " +
                std::string(ExtendedProtectionModeName(cell.mode)) + ": published " +
                Verdict(cell.expected.accepted, cell.expected.reason) + ", got " +
                (cell.fault.empty() ? Verdict(cell.accepted, cell.reason) : cell.fault) + "\n";
      }
    }
  }
  return text;
}

Json CellAsJson(const DemoRow& row, const DemoCell& cell) {
  Json json;
  json["client"] = row.label;
  json["package"] = row.package;
  json["scheme"] = row.scheme;
  json["state"] = ClientStateName(cell.state);
  json["relayed"] = row.relayed;
  json["mode"] = static_cast<int>(cell.mode);
  json["accepted"] = cell.accepted;
  json["reason"] = ReasonName(cell.reason);
  json["published"] = {{"accepted", cell.expected.accepted},
                       {"reason", ReasonName(cell.expected.reason)}};
  if (!cell.fault.empty()) {
    json["fault"] = cell.fault;
  }
  json["matches"] = cell.Matches();
  return json;
}

}  // namespace

size_t DemoReport::CellCount() const {
  size_t count = 0;
  for (const DemoRow& row : rows) {
    count += row.cells.size();
  }
  return count;
}

size_t DemoReport::MatchingCount() const {
  size_t count = 0;
  for (const DemoRow& row : rows) {
    count += static_cast<size_t>(std::count_if(row.cells.begin(), row.cells.end(),
                                               [](const DemoCell& c) { return c.Matches(); }));
  }
  return count;
}

std::string DemoReportForPeople(const DemoReport& report) {
  const Printer printer;
  Footnotes footnotes;
  std::string text = "\n  ";
  text += printer.Styled("Extended protection: who gets in, and whom it keeps out", Style::kBold);
  text += "\n\n" + std::string(kIntroduction);
  // The table fills the footnotes.
  text += TableOf(report, footnotes).Render(printer) + "\n";
  text += footnotes.Render(printer);
  text +=
      "  " + printer.Styled("!", Style::kAlert) + "     the attacker is logged in as the user\n\n";
  for (const std::string& program : report.left_out) {
    text += "  left out: " + program + "\n";
  }
  const bool good = report.MatchingCount() == report.CellCount();
  text += Deviations(report);
  text += printer.Styled(std::to_string(report.MatchingCount()) + " of " +
                             std::to_string(report.CellCount()) +
                             " cells match the published truth table",
                         good ? Style::kGood : Style::kBad);
  return text + "\n";
}

Json DemoReportAsJson(const DemoReport& report) {
  Json cells = Json::array();
  for (const DemoRow& row : report.rows) {
    for (const DemoCell& cell : row.cells) {
      cells.push_back(CellAsJson(row, cell));
    }
  }
  Json json;
  json["cells"] = std::move(cells);
  json["left_out"] = report.left_out;
  json["matching"] = report.MatchingCount();
  json["total"] = report.CellCount();
  return json;
}

}  // namespace epa::tool
