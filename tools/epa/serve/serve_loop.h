// The life of a server that runs until it is told to end.
#ifndef EPA_TOOLS_EPA_SERVE_SERVE_LOOP_H_
#define EPA_TOOLS_EPA_SERVE_SERVE_LOOP_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {

// Reads what the command line names from disk: again for each SIGHUP, on a thread of its own.
// `predecessor`: what was in use until then, or null.
using LoadSite = std::function<absl::StatusOr<std::shared_ptr<const Site>>(
    const CommandLine& line, std::shared_ptr<AuditSink> audit, const Site* predecessor)>;

// Listens, says on standard output where, and serves until SIGTERM or SIGINT. SIGHUP reads the
// settings again and opens the audit file anew; what cannot be used leaves things as they are.
// SIGUSR1 says how things are. Settings that cannot be used, and not being able to listen, are
// unusable input.
Ending ServeUntilTerminated(const CommandLine& line, TcpServerOptions options, LoadSite load);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVE_LOOP_H_
