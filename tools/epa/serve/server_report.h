// How a server fares, for its operator.
#ifndef EPA_TOOLS_EPA_SERVE_SERVER_REPORT_H_
#define EPA_TOOLS_EPA_SERVE_SERVER_REPORT_H_

#include <string>

#include "tools/epa/serve/audit_log.h"
#include "tools/epa/serve/operator_log.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {

// All counts in one line.
std::string StatusLine(const TcpServer& server, const AuditLog& audit);

// Says once what an operator has to know: limits reached, audit events lost, faults.
void SayWhatIsWrong(const TcpServer& server, const AuditLog& audit, OperatorLog& log);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVER_REPORT_H_
