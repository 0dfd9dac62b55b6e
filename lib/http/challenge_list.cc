#include "lib/http/challenge_list.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"

namespace epa::http {
namespace {

bool IsOneOf(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

bool IsAlphanumeric(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

// RFC 9110 5.6.2.
bool IsTokenChar(char c) { return IsAlphanumeric(c) || IsOneOf(c, "!#$%&'*+-.^_`|~"); }

// RFC 9110 11.2.
bool IsToken68Char(char c) { return IsAlphanumeric(c) || IsOneOf(c, "-._~+/"); }

bool IsSpace(char c) { return c == ' ' || c == '\t'; }

// RFC 9110 5.6.4: HTAB, SP, visible characters and obs-text.
bool IsQuotable(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return c == '\t' || (octet >= 0x20 && octet != 0x7f);
}

class ListParser {
 public:
  explicit ListParser(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Challenge>> Parse() {
    while (ToNextElement()) {
      EPA_RETURN_IF_ERROR(ParseElement());
    }
    return std::move(challenges_);
  }

  std::vector<Challenge> ParseLeniently() {
    while (ToNextElement()) {
      const size_t begin = position_;
      const size_t before = challenges_.size();
      of_last_challenge_ = false;
      if (!ParseElement().ok()) {
        if (of_last_challenge_ || challenges_.size() > before) {
          challenges_.back().damaged = true;
        }
        position_ = begin;
        SkipElement();
      }
    }
    return std::move(challenges_);
  }

 private:
  // Behind commas and spaces; false at the end.
  bool ToNextElement() {
    do {
      SkipSpace();
    } while (Take(','));
    return !AtEnd();
  }

  // To the next comma outside quotes, or to the end.
  void SkipElement() {
    for (bool quoted = false; !AtEnd() && (quoted || text_[position_] != ','); ++position_) {
      if (text_[position_] == '"') {
        quoted = !quoted;
      } else if (quoted && text_[position_] == '\\' && position_ + 1 < text_.size()) {
        ++position_;
      }
    }
  }

  absl::Status ParseElement() {
    EPA_RETURN_IF_ERROR(ParseChallengeOrParameter());
    return AtElementEnd() ? absl::OkStatus() : Malformed("expected a comma");
  }

  // After a comma comes either the next challenge or another parameter of the last one.
  absl::Status ParseChallengeOrParameter() {
    const std::string_view name = TakeWhile(IsTokenChar);
    if (name.empty()) {
      return Malformed("expected a token");
    }
    if (!challenges_.empty() && challenges_.back().token68.empty()) {
      const size_t after_name = position_;
      SkipSpace();
      if (Take('=')) {
        of_last_challenge_ = true;
        return ParseParameterValue(name);
      }
      position_ = after_name;
    }
    return ParseChallenge(name);
  }

  absl::Status ParseChallenge(std::string_view scheme) {
    if (challenges_.size() == kMaxChallenges) {
      return Malformed("too many challenges");
    }
    challenges_.push_back({scheme, {}, {}});
    const size_t after_scheme = position_;
    if (AtElementEnd()) {
      return absl::OkStatus();
    }
    if (position_ == after_scheme) {
      return Malformed("expected a space");
    }
    if (TakeToken68(challenges_.back().token68)) {
      return absl::OkStatus();
    }
    const std::string_view name = TakeWhile(IsTokenChar);
    SkipSpace();
    if (name.empty() || !Take('=')) {
      return Malformed("expected a token68 or a parameter");
    }
    return ParseParameterValue(name);
  }

  bool TakeToken68(std::string_view& token68) {
    const size_t start = position_;
    if (TakeWhile(IsToken68Char).empty()) {
      return false;
    }
    TakeWhile([](char c) { return c == '='; });
    const size_t end = position_;
    if (!AtElementEnd()) {
      position_ = start;
      return false;
    }
    token68 = text_.substr(start, end - start);
    return true;
  }

  absl::Status ParseParameterValue(std::string_view name) {
    std::vector<AuthParameter>& parameters = challenges_.back().parameters;
    if (parameters.size() == kMaxParameters) {
      return Malformed("too many parameters");
    }
    if (std::any_of(parameters.begin(), parameters.end(), [name](const AuthParameter& other) {
          return EqualsIgnoringAsciiCase(other.name, name);
        })) {
      return Malformed("parameter given twice");
    }
    SkipSpace();
    AuthParameter parameter{name, {}};
    if (Take('"')) {
      EPA_RETURN_IF_ERROR(TakeQuotedString(parameter.value));
    } else {
      parameter.value = std::string(TakeWhile(IsTokenChar));
      if (parameter.value.empty()) {
        return Malformed("expected a parameter's value");
      }
    }
    parameters.push_back(std::move(parameter));
    return absl::OkStatus();
  }

  absl::Status TakeQuotedString(std::string& value) {
    while (!Take('"')) {
      Take('\\');
      if (AtEnd() || !IsQuotable(text_[position_])) {
        return Malformed("quoted string does not end");
      }
      value.push_back(text_[position_++]);
    }
    return absl::OkStatus();
  }

  bool AtEnd() const { return position_ == text_.size(); }

  bool AtElementEnd() {
    SkipSpace();
    return AtEnd() || text_[position_] == ',';
  }

  bool Take(char c) {
    if (AtEnd() || text_[position_] != c) {
      return false;
    }
    ++position_;
    return true;
  }

  template <typename Predicate>
  std::string_view TakeWhile(Predicate predicate) {
    const size_t start = position_;
    while (!AtEnd() && predicate(text_[position_])) {
      ++position_;
    }
    return text_.substr(start, position_ - start);
  }

  void SkipSpace() { TakeWhile(IsSpace); }

  absl::Status Malformed(const char* what) const {
    return absl::InvalidArgumentError(absl::StrCat("header field, offset ", position_, ": ", what));
  }

  std::string_view text_;
  size_t position_ = 0;
  // The element at hand is a parameter of a challenge that began before it.
  bool of_last_challenge_ = false;
  std::vector<Challenge> challenges_;
};

}  // namespace

absl::StatusOr<std::vector<Challenge>> ParseChallengeList(std::string_view value) {
  return ListParser(value).Parse();
}

std::vector<Challenge> ParseChallengesLeniently(std::string_view value) {
  return ListParser(value).ParseLeniently();
}

}  // namespace epa::http
