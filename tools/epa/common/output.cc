#include "tools/epa/common/output.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
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

// Of well-formed UTF-8, by its first octet.
size_t SizeOfCharacter(char first) {
  const auto octet = static_cast<uint8_t>(first);
  if (octet < 0xC0) {
    return 1;
  }
  return octet < 0xE0 ? 2 : octet < 0xF0 ? 3 : 4;
}

// A single octet stands for itself.
char32_t CodeOf(std::string_view character) {
  constexpr std::array<uint8_t, 5> kBitsOfFirst = {0, 0xFF, 0x1F, 0x0F, 0x07};
  char32_t code = static_cast<uint8_t>(character.front()) & kBitsOfFirst[character.size()];
  for (const char c : character.substr(1)) {
    code = code << 6 | (static_cast<uint8_t>(c) & 0x3F);
  }
  return code;
}

// Unicode's format characters and separators of lines: they turn around, hide or join what is
// beside them, so that a name looks like another.
bool IsInvisible(char32_t code) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  static constexpr Range kRanges[] = {
      {0x00AD, 0x00AD}, {0x0600, 0x0605},   {0x061C, 0x061C},  {0x06DD, 0x06DD}, {0x070F, 0x070F},
      {0x180E, 0x180E}, {0x200B, 0x200F},   {0x2028, 0x202E},  {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
      {0xFFF9, 0xFFFB}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F}};
  return std::any_of(std::begin(kRanges), std::end(kRanges), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

// https://no-color.org: any text but none. A terminal of the kind "dumb" knows no escape sequences.
bool TakesColours() {
  const char* const without = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return (without == nullptr || *without == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

// Of the first write that failed; as the program's standard output, there is one.
int output_error = 0;

}  // namespace

std::string Printable(std::string_view text) {
  const bool utf8 = IsValidUtf8(text);
  std::string result;
  while (!text.empty()) {
    const size_t size = utf8 ? SizeOfCharacter(text.front()) : 1;
    const std::string_view character = text.substr(0, size);
    text.remove_prefix(size);
    const char32_t code = CodeOf(character);
    std::array<char, 16> escaped{};
    if (code < 0x20 || (code >= 0x7F && code < 0xA0) || (!utf8 && code > 0x7F)) {
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x", static_cast<unsigned>(code));
    } else if (IsInvisible(code)) {
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(code));
    } else {
      result += character;
    }
    result += escaped.data();
  }
  return result;
}

Printer::Printer() : colour_(isatty(STDOUT_FILENO) == 1 && TakesColours()) {}

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
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
    return;
  }
  if (output_error == 0) {
    output_error = errno;
  }
}

std::string OutputFault() {
  return output_error == 0
             ? ""
             : std::string("cannot write to standard output: ") + std::strerror(output_error);
}

void WriteJson(const Json& document) {
  Write(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string JsonLine(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace epa::tool
