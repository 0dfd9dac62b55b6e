#include "lib/winbind/account_sources.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/winbind/winbind.h"
#include "lib/base/status_macros.h"

namespace epa::winbind {
namespace {

using AuthorityPtr = std::shared_ptr<const ntlm::NtlmAuthority>;

constexpr std::string_view kWinbind = "winbind:";
constexpr std::string_view kFile = "file:";

absl::StatusOr<AuthorityPtr> AuthorityAt(std::string_view source, const FileObserver& observer) {
  if (!NamesDomain(source)) {
    return ntlm::CreateFileAuthority(
        std::string(source.starts_with(kFile) ? source.substr(kFile.size()) : source), observer);
  }
  EPA_ASSIGN_OR_RETURN(
      auto authority,
      CreateWinbindAuthority({.domain = std::string(source.substr(kWinbind.size()))}));
  return authority;
}

}  // namespace

bool NamesDomain(std::string_view source) { return source.starts_with(kWinbind); }

absl::StatusOr<AuthorityPtr> CreateAuthorityOf(std::span<const std::string> sources,
                                               const FileObserver& observer) {
  if (sources.empty()) {
    return absl::InvalidArgumentError("no source of accounts");
  }
  std::vector<AuthorityPtr> authorities;
  for (const std::string& source : sources) {
    EPA_ASSIGN_OR_RETURN(authorities.emplace_back(), AuthorityAt(source, observer));
  }
  return authorities.size() == 1 ? std::move(authorities.front())
                                 : ntlm::CreateAuthorityChain(std::move(authorities));
}

}  // namespace epa::winbind
