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

namespace epa::registry {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
constexpr size_t kMaxValueOctets = size_t{1} << 20;

absl::StatusOr<uint32_t> TakeHexNumber(LineScanner& scanner, size_t most_digits) {
  const std::string_view digits = scanner.TakeWhileIn(kHexDigits);
  uint32_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (digits.empty() || digits.size() > most_digits || parsed.ec != std::errc()) {
    return absl::InvalidArgumentError("expected 1 to " + std::to_string(most_digits) +
                                      " hexadecimal digits");
  }
  return number;
}

// 00,11,\ and so on, to the end of the last line.
absl::StatusOr<std::vector<uint8_t>> TakeOctets(LineScanner& scanner) {
  std::vector<uint8_t> octets;
  bool more = true;  // after the colon and after a comma
  while (!scanner.AtLineEnd()) {
    if (scanner.Take('\\')) {
      EPA_RETURN_IF_ERROR(scanner.TakeLineEnd());
      if (scanner.AtLineEnd()) {  // a file or a line that was cut off
        return absl::InvalidArgumentError("nothing follows the backslash at the end of the line");
      }
      continue;
    }
    if (!more) {
      return absl::InvalidArgumentError("expected a comma between octets");
    }
    EPA_ASSIGN_OR_RETURN(const uint32_t octet, TakeHexNumber(scanner, 2));
    octets.push_back(static_cast<uint8_t>(octet));
    if (octets.size() > kMaxValueOctets) {
      return absl::InvalidArgumentError("a value longer than 1 MiB");
    }
    scanner.SkipBlanks();
    more = scanner.Take(',');
  }
  return octets;
}

std::optional<std::string> TextOf(std::span<const uint8_t> octets, HexText hex_text) {
  if (hex_text == HexText::kUtf16Le) {
    return Utf16LeToUtf8(octets);
  }
  std::string text(octets.begin(), octets.end());
  return IsValidUtf8(text) ? std::optional(std::move(text)) : std::nullopt;
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

absl::StatusOr<RegistryValue> ReadHexValue(LineScanner& scanner, HexText hex_text) {
  auto type = static_cast<uint32_t>(ValueType::kBinary);
  if (scanner.Take('(')) {
    EPA_ASSIGN_OR_RETURN(type, TakeHexNumber(scanner, 8));
    if (!scanner.Take(')')) {
      return absl::InvalidArgumentError("expected ')' after the type of a hex value");
    }
  }
  if (!scanner.Take(':')) {
    return absl::InvalidArgumentError("expected ':' before the octets of a hex value");
  }
  EPA_ASSIGN_OR_RETURN(auto octets, TakeOctets(scanner));
  return ValueOf(static_cast<ValueType>(type), std::move(octets), hex_text);
}

}  // namespace

absl::StatusOr<RegistryValue> ReadValue(LineScanner& scanner, HexText hex_text) {
  if (scanner.NextIs('"')) {
    EPA_ASSIGN_OR_RETURN(std::string text, scanner.TakeQuoted());
    return RegistryValue{ValueType::kString, std::move(text)};
  }
  if (scanner.TakeText("dword:")) {
    scanner.SkipBlanks();
    EPA_ASSIGN_OR_RETURN(const uint32_t number, TakeHexNumber(scanner, 8));
    return RegistryValue{ValueType::kDword, uint64_t{number}};
  }
  if (scanner.TakeText("hex")) {
    return ReadHexValue(scanner, hex_text);
  }
  return absl::InvalidArgumentError("expected a quoted string, dword:, hex:, hex(TYPE): or -");
}

}  // namespace epa::registry
