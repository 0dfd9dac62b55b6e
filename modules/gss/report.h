// What this process's logins are judged by, for people.
#ifndef EPA_MODULES_GSS_REPORT_H_
#define EPA_MODULES_GSS_REPORT_H_

#include <string>

namespace epa::gss {

// One JSON document: {"error": TEXT}, or {"services": [{"section", "rule", "mode", "audit_only",
// "acceptors", "kerberos", "ntlm", "certificates": [{"path", "application_data"}]}]}.
std::string ReportText();

}  // namespace epa::gss

#endif  // EPA_MODULES_GSS_REPORT_H_
