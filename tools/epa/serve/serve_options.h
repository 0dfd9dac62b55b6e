// What the servers of `epa serve` have in common besides policy and audit.
#ifndef EPA_TOOLS_EPA_SERVE_SERVE_OPTIONS_H_
#define EPA_TOOLS_EPA_SERVE_SERVE_OPTIONS_H_

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/serve/server_tls.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {

// From --listen and --workers.
absl::StatusOr<TcpServerOptions> TcpServerOptionsFrom(const CommandLine& line);

// From --cert and --key, which must fit `scenario`.
absl::StatusOr<std::vector<KeyPairFiles>> KeyPairsFrom(const CommandLine& line,
                                                       std::string_view scenario);

// Creates the server, says on standard output where it listens, and serves until SIGTERM or
// SIGINT. Returns the exit status; a server that cannot be created is unusable input.
int ServeUntilTerminated(HostPort listen,
                         const std::function<absl::StatusOr<std::unique_ptr<Server>>()>& create);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVE_OPTIONS_H_
