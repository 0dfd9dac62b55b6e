#include "tools/epa/serve/ntlm_server_request.h"

#include <algorithm>
#include <span>
#include <utility>

#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"

namespace epa::tool {
namespace {

using Octets = std::vector<uint8_t>;

std::string TextOf(const Octets& octets) { return {octets.begin(), octets.end()}; }

bool TakeText(const std::optional<Octets>& value, std::string& out) {
  if (!value.has_value() || !IsValidUtf8(TextOf(*value))) {
    return false;
  }
  out = TextOf(*value);
  return true;
}

bool TakeHex(const std::optional<Octets>& value, Octets& out) {
  std::optional<Octets> octets =
      value.has_value() ? DecodeHex(TextOf(*value)) : std::optional<Octets>();
  if (!octets.has_value()) {
    return false;
  }
  out = *std::move(octets);
  return true;
}

bool TakeChallenge(const std::optional<Octets>& value, std::array<uint8_t, 8>& out) {
  Octets octets;
  if (!TakeHex(value, octets) || octets.size() != out.size()) {
    return false;
  }
  std::ranges::copy(octets, out.begin());
  return true;
}

// DOMAIN\user.
bool TakeFullName(const std::optional<Octets>& value, NtlmServerRequest& out) {
  std::string name;
  const size_t backslash = TakeText(value, name) ? name.find('\\') : std::string::npos;
  if (backslash == std::string::npos) {
    return false;
  }
  out.domain = name.substr(0, backslash);
  out.user = name.substr(backslash + 1);
  return true;
}

bool TakeField(std::string_view name, const std::optional<Octets>& value, NtlmServerRequest& out) {
  if (name == "Username") {
    return TakeText(value, out.user);
  }
  if (name == "NT-Domain") {
    return TakeText(value, out.domain);
  }
  if (name == "Full-Username") {
    return TakeFullName(value, out);
  }
  if (name == "LANMAN-Challenge") {
    return TakeChallenge(value, out.challenge);
  }
  if (name == "NT-Response") {
    return TakeHex(value, out.nt_response);
  }
  // What a client sends beside its NTLMv2 response, and keys, which nobody is given.
  return name == "LANMAN-Response" || name == "Request-User-Session-Key" ||
         name == "Request-LanMan-Session-Key";
}

// The name, and the value that follows it.
std::pair<std::string_view, std::optional<Octets>> Taken(std::string_view line) {
  const size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  const std::string_view rest = line.substr(colon);
  if (rest.starts_with(":: ")) {
    return {name, DecodeBase64AnyPadding(rest.substr(3))};
  }
  if (rest.starts_with(": ")) {
    return {name, Octets(rest.begin() + 2, rest.end())};
  }
  return {name, std::nullopt};
}

}  // namespace

std::optional<NtlmServerRequest> ParseNtlmServerRequest(std::string_view message) {
  NtlmServerRequest request;
  bool challenged = false;
  while (!message.empty()) {
    const size_t end = std::min(message.find('\n'), message.size());
    const std::string_view line = message.substr(0, end);
    message.remove_prefix(std::min(end + 1, message.size()));
    if (line == ".") {
      break;
    }
    const auto [name, value] = Taken(line);
    if (!TakeField(name, value, request)) {
      return std::nullopt;
    }
    challenged = challenged || name == "LANMAN-Challenge";
  }
  const bool whole =
      message.empty() && challenged && !request.user.empty() && !request.nt_response.empty();
  return whole ? std::optional(std::move(request)) : std::nullopt;
}

}  // namespace epa::tool
