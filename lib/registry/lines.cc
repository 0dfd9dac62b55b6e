#include "lib/registry/lines.h"

#include <algorithm>

#include "lib/base/ascii.h"

namespace epa::registry {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr char kComment = ';';

}  // namespace

std::string_view Lines::Next() {
  const size_t end = std::min(text_.find_first_of("\r\n", position_), text_.size());
  const std::string_view line = text_.substr(position_, end - position_);
  last_ending_ = text_.substr(end, text_.substr(end, 2) == "\r\n" ? 2 : 1);
  position_ = end + last_ending_.size();
  ++number_;
  return line;
}

std::string_view Lines::TextUpTo(const Lines& end) const {
  std::string_view text = text_.substr(position_, end.position_ - position_);
  text = text.substr(0, text.size() - (text.ends_with('\n') ? 1 : 0));
  return text.substr(0, text.size() - (text.ends_with('\r') ? 1 : 0));
}

bool LineCursor::Take(char expected) {
  const bool taken = NextIs(expected);
  rest_.remove_prefix(taken ? 1 : 0);
  return taken;
}

bool LineCursor::TakeText(std::string_view expected) {
  const bool taken = EqualsIgnoringAsciiCase(rest_.substr(0, expected.size()), expected);
  rest_.remove_prefix(taken ? expected.size() : 0);
  return taken;
}

std::string_view LineCursor::TakeWhileIn(std::string_view set) {
  const std::string_view taken =
      rest_.substr(0, std::min(rest_.find_first_not_of(set), rest_.size()));
  rest_.remove_prefix(taken.size());
  return taken;
}

void LineCursor::SkipBlanks() { TakeWhileIn(kBlanks); }

bool LineCursor::AtEnd() {
  SkipBlanks();
  return rest_.empty() || NextIs(kComment);
}

absl::Status LineCursor::ExpectEnd() {
  return AtEnd() ? absl::OkStatus()
                 : absl::InvalidArgumentError("something is left at the end of the line");
}

}  // namespace epa::registry
