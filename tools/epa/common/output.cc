#include "tools/epa/common/output.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "lib/base/utf16.h"

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

std::string Printable(std::string_view text) {
  const bool utf8 = IsValidUtf8(text);
  std::string result;
  bool after_c2 = false;
  for (const char c : text) {
    const auto octet = static_cast<uint8_t>(c);
    const bool c1_control = utf8 && after_c2 && octet < 0xA0;  // U+0080 to U+009F
    after_c2 = octet == 0xC2;
    if (c1_control) {
      result.pop_back();
    }
    if (octet < 0x20 || octet == 0x7F || c1_control || (!utf8 && octet > 0x7F)) {
      std::array<char, 5> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x", octet);
      result += escaped.data();
    } else {
      result += c;
    }
  }
  return result;
}

Printer::Printer() : colour_(isatty(STDOUT_FILENO) == 1) {}

std::string Printer::Styled(std::string_view text, Style style) const {
  if (!colour_ || style == Style::kPlain) {
    return std::string(text);
  }
  return std::string(EscapeOf(style)) + std::string(text) + "\x1b[0m";
}

void Table::AddRow(std::vector<Cell> cells) {
  for (Cell& cell : cells) {
    cell.text = Printable(cell.text);
  }
  rows_.push_back(std::move(cells));
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
