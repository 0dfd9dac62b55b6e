// What the servers of `epa serve` take from their service's settings alike.
#ifndef EPA_TOOLS_EPA_SERVE_SERVE_OPTIONS_H_
#define EPA_TOOLS_EPA_SERVE_SERVE_OPTIONS_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/service/service.h"
#include "tools/epa/serve/server_transport.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {

// Where it listens, workers and limits. `max_connections`: where the settings say nothing.
absl::StatusOr<TcpServerOptions> TcpServerOptionsFrom(const service::ServiceParts& parts,
                                                      uint32_t max_connections);

// Certificates, of whose changes the operator hears, and the channel.
ServerTransportOptions TransportFor(const service::ServiceParts& parts);

// Tells the operator what became of files that changed; `what` they are.
void TellOperator(std::string_view what, const absl::Status& status);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVE_OPTIONS_H_
