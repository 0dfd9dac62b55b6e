// Whose NTLM logins a server verifies: --accounts.
#ifndef EPA_TOOLS_EPA_COMMON_ACCOUNTS_H_
#define EPA_TOOLS_EPA_COMMON_ACCOUNTS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "epa/ntlm/authority.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

inline constexpr OptionSpec kAccountsOption = {
    "--accounts", "WHERE",
    "NTLM accounts: PATH of DOMAIN:user:password or smbpasswd lines, or winbind:[DOMAIN]", true};

// From each --accounts: PATH, file:PATH, or winbind: with a domain's name or none. Null without
// one.
absl::StatusOr<std::shared_ptr<const ntlm::NtlmAuthority>> AccountsFrom(const CommandLine& line);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_ACCOUNTS_H_
