// Verifying one response against one account.
#ifndef EPA_PROVIDERS_NTLM_VERIFICATION_H_
#define EPA_PROVIDERS_NTLM_VERIFICATION_H_

#include "epa/ntlm/authority.h"
#include "providers/ntlm/account_table.h"

namespace epa::ntlm {

// Verifies against the account a look-up found; null, an unknown one, is refused. Unknown and
// disabled accounts cost the same computations as a wrong password.
// Needs crypto::OpenSslLibrary::RequireMd5.
LogonVerdict VerifyAccount(const AccountTable::Record* account, const LogonRequest& request);

// The value of a hash that was never read. Nothing is verified against it.
bool IsUnsetHash(const NtHash& hash);

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_VERIFICATION_H_
