#include "lib/registry/line_scanner.h"

#include <algorithm>
#include <utility>

#include "lib/base/ascii.h"

namespace epa::registry {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr char kComment = ';';
constexpr size_t kMaxQuoted = size_t{1} << 20;

}  // namespace

bool LineScanner::Take(char expected) {
  const bool taken = NextIs(expected);
  position_ += taken ? 1 : 0;
  return taken;
}

bool LineScanner::TakeText(std::string_view expected) {
  if (!EqualsIgnoringAsciiCase(text_.substr(position_, expected.size()), expected)) {
    return false;
  }
  position_ += expected.size();
  return true;
}

std::string_view LineScanner::TakeWhileIn(std::string_view set) {
  const size_t end = std::min(text_.find_first_not_of(set, position_), text_.size());
  const std::string_view taken = text_.substr(position_, end - position_);
  position_ = end;
  return taken;
}

void LineScanner::SkipBlanks() { TakeWhileIn(kBlanks); }

std::string_view LineScanner::RestOfLine() const {
  const size_t end = std::min(text_.find('\n', position_), text_.size());
  std::string_view rest = text_.substr(position_, end - position_);
  if (rest.ends_with('\r')) {
    rest.remove_suffix(1);
  }
  return rest;
}

bool LineScanner::AtLineEnd() {
  SkipBlanks();
  const std::string_view next = text_.substr(position_, 2);
  return next.empty() || next == "\r" || next == "\r\n" || next.front() == '\n' ||
         next.front() == kComment;
}

absl::Status LineScanner::TakeLineEnd() {
  if (!AtLineEnd()) {
    return absl::InvalidArgumentError("something is left at the end of the line");
  }
  const size_t end = text_.find('\n', position_);
  if (end == std::string_view::npos) {
    position_ = text_.size();
  } else {
    position_ = end + 1;
    ++line_;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> LineScanner::TakeQuoted() {
  std::string text;
  ++position_;
  while (!at_end() && text.size() <= kMaxQuoted) {
    const char character = text_[position_++];
    if (character == '"') {
      return text;
    }
    if (character == '\n') {
      ++line_;
    }
    if (character != '\\') {
      text += character;
    } else if (Take('\\')) {
      text += '\\';
    } else if (Take('"')) {
      text += '"';
    } else {
      return absl::InvalidArgumentError("a backslash before neither a quote nor a backslash");
    }
  }
  return absl::InvalidArgumentError(at_end() ? "the closing quote is missing"
                                             : "quoted text longer than 1 MiB");
}

}  // namespace epa::registry
