// One login over LDAP.
#ifndef EPA_TOOLS_EPA_LOGIN_LDAP_LOGIN_H_
#define EPA_TOOLS_EPA_LOGIN_LDAP_LOGIN_H_

#include "absl/status/statusor.h"
#include "tools/epa/login/sasl_login.h"

namespace epa::tool {

// Blocks. Logs in, asks "Who am I?", and leaves. A refusal is an outcome. Errors: as SaslStream's,
// FailedPrecondition where there is no TLS to begin, Unavailable for a server that speaks no LDAP,
// and Internal for ours.
absl::StatusOr<SaslLoginOutcome> LogInToLdap(const SaslLoginOptions& options);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_LDAP_LOGIN_H_
