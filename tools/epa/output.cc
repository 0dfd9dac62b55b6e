#include "tools/epa/output.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace epa::tool {
namespace {

std::string_view EscapeOf(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kBad:
      return "\x1b[31m";
    case Style::kAlert:
      return "\x1b[1;33m";
  }
  return "";
}

}  // namespace

Printer::Printer() : colour_(isatty(STDOUT_FILENO) == 1) {}

std::string Printer::Styled(std::string_view text, Style style) const {
  if (!colour_ || style == Style::kPlain) {
    return std::string(text);
  }
  return std::string(EscapeOf(style)) + std::string(text) + "\x1b[0m";
}

std::string Table::Render(const Printer& printer) const {
  std::vector<size_t> widths;
  for (const std::vector<Cell>& row : rows_) {
    for (size_t i = 0; row.size() > 1 && i < row.size(); ++i) {
      widths.resize(std::max(widths.size(), row.size()));
      widths[i] = std::max(widths[i], row[i].text.size());
    }
  }
  std::string text;
  for (const std::vector<Cell>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += (i == 0 ? "  " : "   ") + printer.Styled(row[i].text, row[i].style);
      if (i + 1 < row.size()) {
        text.append(widths[i] - row[i].text.size(), ' ');
      }
    }
    text += '\n';
  }
  return text;
}

void Write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void WriteJson(const Json& document) {
  Write(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string JsonLine(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace epa::tool
