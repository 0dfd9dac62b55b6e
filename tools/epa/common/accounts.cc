#include "tools/epa/common/accounts.h"

#include <string>
#include <vector>

#include "lib/winbind/account_sources.h"

namespace epa::tool {

absl::StatusOr<std::shared_ptr<const ntlm::NtlmAuthority>> AccountsFrom(const CommandLine& line) {
  const std::vector<std::string> sources = line.Values("--accounts");
  if (sources.empty()) {
    return nullptr;
  }
  return winbind::CreateAuthorityOf(sources);
}

}  // namespace epa::tool
