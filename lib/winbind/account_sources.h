// Where an operator says that the accounts are.
#ifndef EPA_LIB_WINBIND_ACCOUNT_SOURCES_H_
#define EPA_LIB_WINBIND_ACCOUNT_SOURCES_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "epa/base/file_observer.h"
#include "epa/ntlm/authority.h"

namespace epa::winbind {

// Whether it is "winbind:" with a domain's name or none, and not a file.
bool NamesDomain(std::string_view source);

// Those of each source in their order: "PATH", "file:PATH" or "winbind:[DOMAIN]". Not empty. Fails
// as CreateFileAuthority and CreateWinbindAuthority do. `observer` is told of the files.
absl::StatusOr<std::shared_ptr<const ntlm::NtlmAuthority>> CreateAuthorityOf(
    std::span<const std::string> sources, const FileObserver& observer = nullptr);

}  // namespace epa::winbind

#endif  // EPA_LIB_WINBIND_ACCOUNT_SOURCES_H_
