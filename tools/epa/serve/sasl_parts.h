// What the servers with SASL take from their service's settings alike.
#ifndef EPA_TOOLS_EPA_SERVE_SASL_PARTS_H_
#define EPA_TOOLS_EPA_SERVE_SASL_PARTS_H_

#include <memory>

#include "epa/core/audit.h"
#include "epa/sasl/server_exchange.h"
#include "epa/service/service.h"

namespace epa::tool {

sasl::ServerOptions SaslOptionsFrom(const service::ServiceParts& parts,
                                    std::shared_ptr<AuditSink> audit);

// Connections begin in the clear, and a command begins TLS.
bool StartsTlsByCommand(const service::ServiceParts& parts);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SASL_PARTS_H_
