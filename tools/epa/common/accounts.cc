#include "tools/epa/common/accounts.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/password_input.h"
#ifdef EPA_HAS_WINBIND
#include "epa/winbind/winbind.h"
#endif

namespace epa::tool {
namespace {

using AuthorityPtr = std::shared_ptr<const ntlm::NtlmAuthority>;

constexpr std::string_view kWinbind = "winbind:";
constexpr std::string_view kFile = "file:";

absl::StatusOr<AuthorityPtr> DomainAccounts([[maybe_unused]] std::string domain) {
#ifdef EPA_HAS_WINBIND
  EPA_ASSIGN_OR_RETURN(auto authority,
                       winbind::CreateWinbindAuthority({.domain = std::move(domain)}));
  return authority;
#else
  return absl::UnavailableError("--accounts winbind: this epa was built without libwbclient-dev");
#endif
}

absl::StatusOr<AuthorityPtr> AccountsOf(std::string_view where) {
  if (where.starts_with(kWinbind)) {
    return DomainAccounts(std::string(where.substr(kWinbind.size())));
  }
  const std::string path(where.starts_with(kFile) ? where.substr(kFile.size()) : where);
  EPA_RETURN_IF_ERROR(CheckReadable(path));
  return ntlm::CreateFileAuthority(path);
}

}  // namespace

absl::StatusOr<AuthorityPtr> AccountsFrom(const CommandLine& line) {
  std::vector<AuthorityPtr> authorities;
  for (const std::string& where : line.Values("--accounts")) {
    EPA_ASSIGN_OR_RETURN(AuthorityPtr authority, AccountsOf(where));
    authorities.push_back(std::move(authority));
  }
  if (authorities.size() > 1) {
    return ntlm::CreateAuthorityChain(std::move(authorities));
  }
  return authorities.empty() ? nullptr : std::move(authorities.front());
}

}  // namespace epa::tool
