#include "tools/epa/common/line_reader.h"

#include <utility>

namespace epa::tool {

std::optional<LineReader::Line> LineReader::Next(size_t most) {
  const size_t feed = input_.find('\n');
  if (feed == std::string::npos) {
    if (input_.size() >= most || skipping_) {
      skipping_ = true;
      input_.clear();
    }
    return std::nullopt;
  }
  const bool too_long = std::exchange(skipping_, false) || feed >= most;
  std::string text = input_.substr(0, feed);
  input_.erase(0, feed + 1);
  if (too_long) {
    return Line{.text = "", .too_long = true};
  }
  if (text.ends_with('\r')) {
    text.pop_back();
  }
  return Line{.text = std::move(text)};
}

}  // namespace epa::tool
