// The life of a server that runs until it is told to end.
#ifndef EPA_TOOLS_EPA_SERVE_SERVE_LOOP_H_
#define EPA_TOOLS_EPA_SERVE_SERVE_LOOP_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"
#include "epa/service/service.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {

// Makes a site of a service's parts: again for each SIGHUP, on a thread of its own. `audit` goes in
// place of theirs. `predecessor`: what was in use until then, or null.
using MakeSite = std::function<absl::StatusOr<std::shared_ptr<const Site>>(
    const service::ServiceParts& parts, std::shared_ptr<AuditSink> audit, const Site* predecessor)>;

struct ServedProtocol {
  service::Protocol protocol = service::Protocol::kHttp;
  MakeSite make_site;
  uint32_t max_connections = 4096;  // where the settings say nothing
  std::chrono::seconds farewell{5};
  service::TlsEnd tls_end = service::TlsEnd::kHere;
};

// Listens, says on standard output where, and serves until SIGTERM or SIGINT. SIGHUP reads the
// settings again and opens the audit file anew; what cannot be used leaves things as they are.
// SIGUSR1 says how things are. Settings that cannot be used, and not being able to listen, are
// unusable input.
Ending ServeUntilTerminated(const CommandLine& line, const ServedProtocol& served);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVE_LOOP_H_
