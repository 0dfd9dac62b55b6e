#include "providers/ntlm/windows_policy.h"

#include <algorithm>

#include "epa/ntlm/ntlm.h"
#include "lib/base/upper_case.h"
#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

// "*" stands for any characters. On a mismatch the last one takes one character more, so time is
// at most the product of the lengths.
bool MatchesPattern(std::string_view pattern, std::string_view text) {
  size_t at = 0;
  size_t next = 0;
  size_t star = std::string_view::npos;
  size_t after_star = 0;
  while (next < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      after_star = next;
    } else if (at < pattern.size() && pattern[at] == text[next]) {
      ++at;
      ++next;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      next = ++after_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace

absl::Status CheckSessionSecurity(uint32_t minimum, std::string_view setting) {
  if ((minimum & ~(kRequireSessionSecurity | kRequire128BitKeys)) != 0) {
    return absl::InvalidArgumentError(std::string(setting) +
                                      " has bits other than 0x00080000 and 0x20000000");
  }
  return absl::OkStatus();
}

uint32_t SessionSecurityFlags(uint32_t minimum) {
  return ((minimum & kRequireSessionSecurity) != 0 ? kNegotiateExtendedSessionSecurity
                                                   : uint32_t{0}) |
         ((minimum & kRequire128BitKeys) != 0 ? kNegotiate128 : uint32_t{0});
}

bool IsListedServer(std::span<const std::string> patterns, std::string_view server) {
  if (server.empty()) {
    return false;
  }
  const std::string name = UppercaseUtf8(server);
  return std::ranges::any_of(patterns, [&name](const std::string& pattern) {
    return MatchesPattern(UppercaseUtf8(pattern), name);
  });
}

}  // namespace epa::ntlm
