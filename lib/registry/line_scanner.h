// A cursor over the text of a registry file that knows its line.
#ifndef EPA_LIB_REGISTRY_LINE_SCANNER_H_
#define EPA_LIB_REGISTRY_LINE_SCANNER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace epa::registry {

// Messages of its errors lack file and line, which the caller adds.
class LineScanner {
 public:
  explicit LineScanner(std::string_view text) : text_(text) {}

  bool at_end() const { return position_ == text_.size(); }
  size_t line() const { return line_; }

  bool NextIs(char expected) const { return !at_end() && text_[position_] == expected; }
  // True and past it when `expected` comes next.
  [[nodiscard]] bool Take(char expected);
  // The same for ASCII text, without regard to case.
  [[nodiscard]] bool TakeText(std::string_view expected);
  void SkipBlanks();
  // Whether nothing but blanks or a comment is left of the line.
  bool AtLineEnd();
  // Goes to the next line, past blanks and a comment. Fails where anything else is left.
  absl::Status TakeLineEnd();

  // The characters up to the first that is not in `set`.
  std::string_view TakeWhileIn(std::string_view set);
  // What is left of this line, without its end; the cursor stays.
  std::string_view RestOfLine() const;
  void Skip(size_t characters) { position_ += characters; }

  // Quoted text: a backslash makes the next quote or backslash literal, and is an error before
  // anything else. Lines may end within values. The cursor is at the opening quote.
  absl::StatusOr<std::string> TakeQuoted();

 private:
  std::string_view text_;
  size_t position_ = 0;
  size_t line_ = 1;
};

}  // namespace epa::registry

#endif  // EPA_LIB_REGISTRY_LINE_SCANNER_H_
