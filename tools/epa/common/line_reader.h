// Lines of a mail protocol, out of octets as they come.
#ifndef EPA_TOOLS_EPA_COMMON_LINE_READER_H_
#define EPA_TOOLS_EPA_COMMON_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace epa::tool {

// Keeps one line and what came with it.
class LineReader {
 public:
  struct Line {
    // Without its end, which is a line feed and the carriage return before it.
    std::string text;
    // It was longer than allowed: there is no text.
    bool too_long = false;
  };

  void Take(std::span<const uint8_t> octets) {
    input_.append(reinterpret_cast<const char*>(octets.data()), octets.size());
  }
  // No value: none is complete. `most`: octets of a line, its end included.
  std::optional<Line> Next(size_t most);
  // Nothing has come that no line was made of.
  bool empty() const { return input_.empty() && !skipping_; }

 private:
  std::string input_;
  bool skipping_ = false;  // the rest of a line that is too long
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_LINE_READER_H_
