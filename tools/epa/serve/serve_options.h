// What the servers of `epa serve` have in common besides policy and audit.
#ifndef EPA_TOOLS_EPA_SERVE_SERVE_OPTIONS_H_
#define EPA_TOOLS_EPA_SERVE_SERVE_OPTIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/file_observer.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/packages.h"
#include "tools/epa/serve/server_tls.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {

inline constexpr OptionSpec kListenOption = {"--listen", "ADDR:PORT",
                                             "where to listen; default 127.0.0.1:0, any free port"};
inline constexpr OptionSpec kWorkersOption = {"--workers", "N",
                                              "threads; default: number of processors"};
inline constexpr OptionSpec kMaxConnectionsOption = {"--max-connections", "N",
                                                     "connections at once; default 4096, smb 2048"};
inline constexpr OptionSpec kMaxConnectionsPerAddressOption = {
    "--max-connections-per-address", "N",
    "of one address, or IPv6 /64; default half of all, behind a proxy all"};
inline constexpr OptionSpec kLoginTimeOption = {
    "--login-time", "SECONDS", "from a connection's beginning to its login; default 30"};

// From those options and --scenario.
absl::StatusOr<TcpServerOptions> TcpServerOptionsFrom(const CommandLine& line,
                                                      uint32_t max_connections = 4096);

// From --cert and --key, which must fit `scenario`.
absl::StatusOr<std::vector<KeyPairFiles>> KeyPairsFrom(const CommandLine& line,
                                                       std::string_view scenario);

// Tells the operator what became of files that changed; `what` they are.
FileObserver TellOperator(std::string what);
// The same for what packages are made of.
ServerFileObservers PackageObservers();

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVE_OPTIONS_H_
