#include "epa/telnet/login_name.h"

#include <algorithm>

#include "absl/status/status.h"
#include "lib/base/ascii.h"

namespace epa::telnet {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsNameCharacter(char c) {
  return IsLetter(c) || IsDigit(c) || c == '.' || c == '_' || c == '-';
}

}  // namespace

bool IsWellFormedLoginName(std::string_view name, size_t max_length) {
  return !name.empty() && name.size() <= max_length && name.front() != '-' && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), IsNameCharacter) &&
         !std::all_of(name.begin(), name.end(), IsDigit);
}

absl::StatusOr<std::string> LoginNameOf(const SecurityContext& login, const LoginNameRules& rules) {
  const absl::StatusOr<PeerIdentity> peer = login.peer();
  if (!peer.ok()) {
    return absl::PermissionDeniedError("nobody is logged in");
  }
  const AccountIdentity* const account = peer->account();
  if (account == nullptr) {
    return absl::PermissionDeniedError("a guest or an anonymous client has no account");
  }
  if (rules.domain.empty() || !(EqualsIgnoringAsciiCase(account->domain, rules.domain) ||
                                EqualsIgnoringAsciiCase(account->dns_domain, rules.domain))) {
    return absl::PermissionDeniedError("a user of another domain");
  }
  if (!IsWellFormedLoginName(account->user, rules.max_length)) {
    return absl::PermissionDeniedError("a name that no login program should be given");
  }
  return account->user;
}

}  // namespace epa::telnet
