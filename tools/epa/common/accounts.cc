#include "tools/epa/common/accounts.h"

#include <algorithm>
#include <string>
#include <vector>

#include "lib/winbind/account_sources.h"

namespace epa::tool {

absl::StatusOr<std::shared_ptr<const ntlm::NtlmAuthority>> AccountsFrom(
    const CommandLine& line, const FileObserver& observer) {
  const std::vector<std::string> sources = line.Values("--accounts");
  if (sources.empty()) {
    return nullptr;
  }
  return winbind::CreateAuthorityOf(sources, observer);
}

bool NamesDirectory(const CommandLine& line) {
  return std::ranges::any_of(line.Values("--accounts"), winbind::NamesDomain);
}

}  // namespace epa::tool
