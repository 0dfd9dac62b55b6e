#include "tools/epa/decode/token_input.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <system_error>

#include "lib/base/ascii.h"
#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/input_file.h"

namespace epa::tool {
namespace {

// Tokens have 64 KiB, messages of SMB2 with one not much more; as text they grow.
constexpr size_t kLargestInput = size_t{1} << 20;
constexpr std::string_view kWhiteSpace = " \t\r\n";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

std::string WithoutWhiteSpace(std::string_view text) {
  std::string result;
  std::ranges::copy_if(text, std::back_inserter(result),
                       [](char c) { return kWhiteSpace.find(c) == std::string_view::npos; });
  return result;
}

bool IsText(std::string_view content) {
  return std::ranges::all_of(content, [](char c) {
    return (c >= 0x20 && c < 0x7F) || kWhiteSpace.find(c) != std::string_view::npos;
  });
}

// The value of a header line that can carry a token.
std::optional<std::string_view> HeaderValue(std::string_view line) {
  constexpr std::array<std::string_view, 6> kNames = {
      "WWW-Authenticate",    "Authorization",       "Proxy-Authenticate",
      "Proxy-Authorization", "Authentication-Info", "Proxy-Authentication-Info"};
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view name = Trimmed(line.substr(0, colon));
  const bool known = std::ranges::any_of(
      kNames, [&](std::string_view candidate) { return EqualsIgnoringAsciiCase(candidate, name); });
  return known ? std::optional(Trimmed(line.substr(colon + 1))) : std::nullopt;
}

// What follows "NTLM" or "Negotiate" in one of the challenges of `value`; empty when the scheme
// stands alone. Nothing when neither scheme occurs.
std::optional<std::string_view> SchemeToken(std::string_view value) {
  std::optional<std::string_view> found;
  while (!value.empty()) {
    const size_t comma = std::min(value.find(','), value.size());
    const std::string_view challenge = Trimmed(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    const size_t space = std::min(challenge.find_first_of(kWhiteSpace), challenge.size());
    const std::string_view scheme = challenge.substr(0, space);
    if (!EqualsIgnoringAsciiCase(scheme, "NTLM") && !EqualsIgnoringAsciiCase(scheme, "Negotiate")) {
      continue;
    }
    found = Trimmed(challenge.substr(space));
    if (!found->empty()) {
      return found;
    }
  }
  return found;
}

absl::StatusOr<std::string> ReadStandardInput() {
  std::string content(kLargestInput + 1, '\0');
  std::cin.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(std::cin.gcount()));
  if (content.size() > kLargestInput) {
    return absl::InvalidArgumentError("standard input is longer than 1 MiB, and no token is");
  }
  return content;
}

}  // namespace

absl::StatusOr<std::vector<uint8_t>> TokenFromContent(std::string_view content) {
  if (!IsText(content)) {
    return std::vector<uint8_t>(content.begin(), content.end());
  }
  std::string_view text = Trimmed(content);
  const std::optional<std::string_view> header = HeaderValue(text);
  const std::optional<std::string_view> token = SchemeToken(header.value_or(text));
  if (header.has_value() && !token.has_value()) {
    return absl::InvalidArgumentError("the header line offers neither NTLM nor Negotiate");
  }
  text = token.value_or(text);
  const std::string compact = WithoutWhiteSpace(text);
  if (compact.empty()) {
    return absl::InvalidArgumentError(token.has_value() ? "the header line carries no token"
                                                        : "the input is empty");
  }
  if (!token.has_value()) {
    if (std::optional<std::vector<uint8_t>> octets = DecodeHex(compact); octets.has_value()) {
      return *std::move(octets);
    }
  }
  if (std::optional<std::vector<uint8_t>> octets = DecodeBase64(compact); octets.has_value()) {
    return *std::move(octets);
  }
  return absl::InvalidArgumentError(token.has_value()
                                        ? "the token of the header line is not base64"
                                        : "neither hexadecimal, base64 nor an HTTP header line");
}

bool IsFile(const std::string& argument) {
  std::error_code error;
  return std::filesystem::exists(argument, error) &&
         !std::filesystem::is_directory(argument, error);
}

absl::StatusOr<std::string> ContentOfArgument(const std::string& argument) {
  if (argument == "-") {
    return ReadStandardInput();
  }
  if (!IsFile(argument)) {
    return argument;
  }
  EPA_ASSIGN_OR_RETURN(const SecretBytes content, ReadInputFile(argument, kLargestInput));
  return std::string(content.ExposeText());
}

}  // namespace epa::tool
