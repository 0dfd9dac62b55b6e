// What a Kerberos request seals, opened with the service's keys. Nothing is judged: times and names
// may be any.
#ifndef EPA_TOOLS_EPA_DECODE_OPEN_TICKET_H_
#define EPA_TOOLS_EPA_DECODE_OPEN_TICKET_H_

#include <string>

#include "absl/status/status.h"
#include "tools/epa/common/output.h"
#include "tools/epa/decode/kerberos_fields.h"

namespace epa::tool {

struct SealedRequest {
  SealedPart ticket;
  SealedPart authenticator;
};

// Adds who the client is, its bindings and its AP options. Fails when the keytab cannot be read or
// none of its keys opens the ticket.
absl::Status OpenTicket(const SealedRequest& request, const std::string& keytab_path,
                        Json& document);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_OPEN_TICKET_H_
