// What the PAC of a ticket says ([MS-PAC]).
#ifndef EPA_PROVIDERS_KERBEROS_TICKET_PAC_H_
#define EPA_PROVIDERS_KERBEROS_TICKET_PAC_H_

#include <optional>

#include "absl/status/statusor.h"
#include "epa/core/extended_protection.h"
#include "providers/kerberos/ap_request.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/pac.h"

namespace epa::kerberos {

struct TicketPac {
  PacEvidence evidence = PacEvidence::kAbsent;
  // Of a verified PAC that has it; MIT's own KDC makes them without.
  std::optional<LogonInformation> logon;
};

// Verified: signed with the key that opened the ticket, and made for its client. InvalidArgument
// where a verified PAC, or what may have one in it, cannot be read.
absl::StatusOr<TicketPac> ReadTicketPac(Workspace& workspace, const ApRequest& request);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_TICKET_PAC_H_
