#include "lib/registry/value_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "lib/registry/text_decoding.h"

namespace epa::registry {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
constexpr size_t kMaxValueOctets = size_t{1} << 20;

absl::StatusOr<uint32_t> TakeHexNumber(LineCursor& cursor, size_t most_digits) {
  const std::string_view digits = cursor.TakeWhileIn(kHexDigits);
  uint32_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (digits.empty() || digits.size() > most_digits || parsed.ec != std::errc()) {
    return absl::InvalidArgumentError("expected 1 to " + std::to_string(most_digits) +
                                      " hexadecimal digits");
  }
  return number;
}

// Behind the backslash of a line that goes on: to the next line that is neither blank nor a
// comment.
absl::StatusOr<LineCursor> GoOn(LineCursor& cursor, Lines& lines) {
  EPA_RETURN_IF_ERROR(cursor.ExpectEnd());
  while (!lines.at_end()) {
    LineCursor next(lines.Next());
    if (!next.AtEnd()) {
      return next;
    }
  }
  // A file or a line that was cut off.
  return absl::InvalidArgumentError("nothing follows the backslash at the end of the line");
}

// 00,11,\ and so on, to the end of the last line.
absl::StatusOr<std::vector<uint8_t>> TakeOctets(LineCursor& cursor, Lines& lines) {
  std::vector<uint8_t> octets;
  bool more = true;       // after the colon and after a comma
  bool may_go_on = true;  // likewise, but not where a line begins
  while (!cursor.AtEnd()) {
    if (may_go_on && cursor.Take('\\')) {
      EPA_ASSIGN_OR_RETURN(cursor, GoOn(cursor, lines));
      may_go_on = false;
      continue;
    }
    if (!more) {
      return absl::InvalidArgumentError("expected a comma between octets");
    }
    EPA_ASSIGN_OR_RETURN(const uint32_t octet, TakeHexNumber(cursor, 2));
    octets.push_back(static_cast<uint8_t>(octet));
    if (octets.size() > kMaxValueOctets) {
      return absl::InvalidArgumentError("a value longer than 1 MiB");
    }
    cursor.SkipBlanks();
    more = cursor.Take(',');
    may_go_on = more;
  }
  return octets;
}

std::optional<std::string> TextOf(std::span<const uint8_t> octets, HexText hex_text) {
  return hex_text == HexText::kUtf16Le ? Utf16LeToUtf8(octets) : AnsiToUtf8(octets);
}

// Everything to the first NUL, which ends the text but may be missing.
std::string UpToNul(std::string text) {
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

// Each string ends with a NUL, the list with an empty one.
std::vector<std::string> SplitAtNuls(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty() && text.front() != '\0') {
    const size_t end = std::min(text.find('\0'), text.size());
    list.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return list;
}

template <typename Integer>
std::optional<uint64_t> NumberOf(std::span<const uint8_t> octets,
                                 bool (ByteReader::*read)(Integer&)) {
  ByteReader reader(octets);
  Integer number = 0;
  if (!(reader.*read)(number) || !reader.at_end()) {
    return std::nullopt;
  }
  return number;
}

RegistryValue ValueOf(ValueType type, std::vector<uint8_t> octets, HexText hex_text) {
  switch (type) {
    case ValueType::kString:
    case ValueType::kExpandableString:
      if (auto text = TextOf(octets, hex_text)) {
        return {type, UpToNul(*std::move(text))};
      }
      break;
    case ValueType::kMultiString:
      if (const auto text = TextOf(octets, hex_text)) {
        return {type, SplitAtNuls(*text)};
      }
      break;
    case ValueType::kDword:
      if (const auto number = NumberOf(octets, &ByteReader::ReadU32)) {
        return {type, *number};
      }
      break;
    case ValueType::kQword:
      if (const auto number = NumberOf(octets, &ByteReader::ReadU64)) {
        return {type, *number};
      }
      break;
    case ValueType::kNone:
    case ValueType::kBinary:
      break;
  }
  return {type, std::move(octets)};
}

absl::StatusOr<RegistryValue> ReadHexValue(LineCursor& cursor, Lines& lines, HexText hex_text) {
  auto type = static_cast<uint32_t>(ValueType::kBinary);
  if (cursor.Take('(')) {
    EPA_ASSIGN_OR_RETURN(type, TakeHexNumber(cursor, 8));
    if (!cursor.Take(')')) {
      return absl::InvalidArgumentError("expected ')' after the type of a hex value");
    }
  }
  if (!cursor.Take(':')) {
    return absl::InvalidArgumentError("expected ':' before the octets of a hex value");
  }
  EPA_ASSIGN_OR_RETURN(auto octets, TakeOctets(cursor, lines));
  return ValueOf(static_cast<ValueType>(type), std::move(octets), hex_text);
}

// Adds to `text` up to the closing quote. False where the line ends before it.
absl::StatusOr<bool> TakeQuoted(LineCursor& cursor, std::string& text) {
  while (!cursor.rest().empty() && text.size() <= kMaxValueOctets) {
    if (cursor.Take('"')) {
      return true;
    }
    const bool escaped = cursor.Take('\\');
    if (escaped && !cursor.NextIs('\\') && !cursor.NextIs('"')) {
      return absl::InvalidArgumentError("a backslash before neither a quote nor a backslash");
    }
    text += cursor.rest().front();
    cursor.Skip(1);
  }
  if (text.size() > kMaxValueOctets) {
    return absl::InvalidArgumentError("quoted text longer than 1 MiB");
  }
  return false;
}

// As the registry editor exports text that has line ends in it. What looks like a key is one.
absl::StatusOr<std::string> TakeQuotedLines(LineCursor& cursor, Lines& lines) {
  std::string text;
  EPA_ASSIGN_OR_RETURN(bool closed, TakeQuoted(cursor, text));
  Lines ahead = lines;
  while (!closed && !ahead.at_end()) {
    text += ahead.last_ending();
    cursor = LineCursor(ahead.Next());
    if (cursor.rest().starts_with("[HKEY_") || cursor.rest().starts_with("[-HKEY_")) {
      break;
    }
    EPA_ASSIGN_OR_RETURN(closed, TakeQuoted(cursor, text));
  }
  if (!closed) {
    return absl::InvalidArgumentError("the closing quote is missing");
  }
  EPA_RETURN_IF_ERROR(cursor.ExpectEnd());
  lines = ahead;
  return text;
}

}  // namespace

absl::StatusOr<std::string> TakeQuotedName(LineCursor& cursor) {
  std::string name;
  cursor.Skip(1);
  EPA_ASSIGN_OR_RETURN(const bool closed, TakeQuoted(cursor, name));
  if (!closed) {
    return absl::InvalidArgumentError("the closing quote is missing");
  }
  return name;
}

absl::StatusOr<RegistryValue> ReadValue(LineCursor& cursor, Lines& lines, HexText hex_text) {
  if (cursor.Take('"')) {
    EPA_ASSIGN_OR_RETURN(std::string text, TakeQuotedLines(cursor, lines));
    return RegistryValue{ValueType::kString, std::move(text)};
  }
  if (cursor.TakeText("dword:")) {
    cursor.SkipBlanks();
    EPA_ASSIGN_OR_RETURN(const uint32_t number, TakeHexNumber(cursor, 8));
    EPA_RETURN_IF_ERROR(cursor.ExpectEnd());
    return RegistryValue{ValueType::kDword, uint64_t{number}};
  }
  if (cursor.TakeText("hex")) {
    return ReadHexValue(cursor, lines, hex_text);
  }
  return absl::InvalidArgumentError("expected a quoted string, dword:, hex:, hex(TYPE): or -");
}

}  // namespace epa::registry
