#include "tools/epa/serve/helper_line.h"

#include <algorithm>

#include "absl/status/status.h"

namespace epa::tool {
namespace {

constexpr size_t kLongestExtras = 512;

// Takes the next word from the line, and the blank behind it.
std::string_view TakeWord(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

std::string Printable(std::string_view text) {
  std::string printable(text.substr(0, kLongestExtras));
  std::ranges::replace_if(
      printable, [](char c) { return !IsPrintable(c); }, '?');
  return printable;
}

bool IsSpecial(char c) {
  constexpr std::string_view kSpecial = "\\@\"\x7f";
  return static_cast<unsigned char>(c) <= ' ' || kSpecial.find(c) != std::string_view::npos;
}

bool IsPlain(std::string_view name) { return std::ranges::none_of(name, IsSpecial); }

}  // namespace

std::optional<HelperLine> ParseHelperLine(std::string_view line) {
  HelperLine parsed;
  const std::string_view verb = TakeWord(line);
  if (verb != "YR" && verb != "KK") {
    return std::nullopt;
  }
  parsed.verb = verb == "YR" ? HelperLine::Verb::kBegin : HelperLine::Verb::kGoOn;
  parsed.token = TakeWord(line);
  parsed.extras = Printable(line);
  return parsed;
}

absl::StatusOr<std::string> NameForFrontEnd(const AccountIdentity& account) {
  if (account.user.empty() || !IsPlain(account.user) || !IsPlain(account.domain)) {
    return absl::FailedPreconditionError(
        "the front end would mistake this account's name for another: it is empty, or has blanks, "
        "quotes, '\\' or '@'");
  }
  return account.domain.empty() ? account.user : account.domain + "\\" + account.user;
}

}  // namespace epa::tool
