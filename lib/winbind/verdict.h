// What a domain controller's answer means for a login.
#ifndef EPA_LIB_WINBIND_VERDICT_H_
#define EPA_LIB_WINBIND_VERDICT_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "epa/ntlm/authority.h"
#include "lib/winbind/client.h"

namespace epa::winbind {

// A verdict, or an error where the status says that nobody judged the login: no controller, no
// trust in this machine, credentials out of a cache, a value that is not known.
//
// `required_groups`: SIDs, one of which must be among the account's; none: no demand.
// `domain`: the only one whose accounts are let in; empty: any.
absl::StatusOr<ntlm::LogonVerdict> VerdictOf(const Answer& answer, const std::string& domain,
                                             std::span<const std::string> required_groups);

// Whether it says that no controller of the account's domain is there. Another domain may have one.
bool HasNoController(const Answer& answer);

}  // namespace epa::winbind

#endif  // EPA_LIB_WINBIND_VERDICT_H_
