// What people see: aligned tables, colour on a terminal only (and not where NO_COLOR is set), JSON
// for programs.
#ifndef EPA_TOOLS_EPA_COMMON_OUTPUT_H_
#define EPA_TOOLS_EPA_COMMON_OUTPUT_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace epa::tool {

// Keeps keys in the order in which they were added.
using Json = nlohmann::ordered_json;

// Names come from strangers: control characters, and octets that are no UTF-8, become \xNN, and
// characters that reorder or hide others \uNNNN, so that none of them reaches a terminal.
std::string Printable(std::string_view text);

enum class Style : uint8_t { kPlain, kBold, kDim, kGood, kBad, kAlert };

// Writes text for people to standard output; styles become colours only on a terminal.
class Printer {
 public:
  Printer();
  std::string Styled(std::string_view text, Style style) const;

 private:
  bool colour_;
};

struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

// Rows of cells in aligned columns, their text made Printable. A row of one cell is a heading that
// spans them all.
class Table {
 public:
  void AddRow(std::vector<Cell> cells);
  std::string Render(const Printer& printer) const;

 private:
  std::vector<std::vector<Cell>> rows_;
};

// Writes to standard output and flushes.
void Write(std::string_view text);
// Why standard output did not take something, "cannot write to standard output: No space left on
// device"; empty where it took all.
std::string OutputFault();
// One document, indented, with text that is not UTF-8 replaced.
void WriteJson(const Json& document);
// One line, for use inside protocols; invalid UTF-8 is replaced.
std::string JsonLine(const Json& document);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_OUTPUT_H_
