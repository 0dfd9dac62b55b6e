// The JSON body a server of ours answers with: who the connection is, and what was bound.
#ifndef EPA_TOOLS_EPA_SERVE_LOGIN_REPORT_H_
#define EPA_TOOLS_EPA_SERVE_LOGIN_REPORT_H_

#include <string>

#include "epa/core/extended_protection.h"
#include "epa/core/security_context.h"

namespace epa::tool {

// {"user","domain","package","extended_protection":{"mode","binding","target_name",
// "target_name_voucher","decision","reason"}} and a line feed. `context` is established. "decision"
// is "accepted", or "reported" where only an audit-only policy let the login in.
std::string LoginReport(const SecurityContext& context, const ExtendedProtectionPolicy& policy);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_LOGIN_REPORT_H_
