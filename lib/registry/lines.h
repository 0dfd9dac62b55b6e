// The lines of a registry file, and a cursor within one.
#ifndef EPA_LIB_REGISTRY_LINES_H_
#define EPA_LIB_REGISTRY_LINES_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace epa::registry {

// Lines end with CR, LF or CR LF. A copy is a place to return to.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  bool at_end() const { return position_ == text_.size(); }
  // Of the line that Next gives, counted from 1.
  size_t number() const { return number_; }
  // The next line without its end, and past it. Not at the end.
  std::string_view Next();
  // What ended the line that Next gave last; empty before the first and where the text ended.
  std::string_view last_ending() const { return last_ending_; }
  // What lies between here and the later place `end`, line ends included but for the last.
  std::string_view TextUpTo(const Lines& end) const;

 private:
  std::string_view text_;
  size_t position_ = 0;
  size_t number_ = 1;
  std::string_view last_ending_;
};

class LineCursor {
 public:
  explicit LineCursor(std::string_view line) : rest_(line) {}

  std::string_view rest() const { return rest_; }
  bool NextIs(char expected) const { return rest_.starts_with(expected); }
  // True and past it when `expected` comes next.
  [[nodiscard]] bool Take(char expected);
  // The same for ASCII text, without regard to case.
  [[nodiscard]] bool TakeText(std::string_view expected);
  // The characters up to the first that is not in `set`.
  std::string_view TakeWhileIn(std::string_view set);
  void SkipBlanks();
  void Skip(size_t characters) { rest_.remove_prefix(characters); }
  // Whether nothing but blanks or a comment is left. Skips the blanks.
  bool AtEnd();
  // InvalidArgument unless AtEnd.
  absl::Status ExpectEnd();

 private:
  std::string_view rest_;
};

}  // namespace epa::registry

#endif  // EPA_LIB_REGISTRY_LINES_H_
