// Who a ticket is about.
#ifndef EPA_PROVIDERS_KERBEROS_TICKET_IDENTITY_H_
#define EPA_PROVIDERS_KERBEROS_TICKET_IDENTITY_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "epa/core/security_package.h"
#include "providers/kerberos/ap_request.h"
#include "providers/kerberos/context_pool.h"

namespace epa::kerberos {

struct TicketIdentity {
  IdentityKind kind = IdentityKind::kAnonymous;
  // The account that a verified PAC names, else the one of the ticket's name; without its
  // authorization data.
  AccountIdentity account;
  std::shared_ptr<AuthorizationData> authorization;
  // The name the client asked its KDC for, without the realm, and the realm.
  PeerClaims claims;
  PacEvidence pac = PacEvidence::kAbsent;
};

// libkrb5's seconds count without a sign, to 2106.
inline FileTime FileTimeOf(krb5_timestamp time) {
  return kUnixEpochTicks + static_cast<uint32_t>(time) * kTicksPerSecond;
}

// Nothing in a PAC that does not verify is looked at. InvalidArgument where a verified one cannot
// be read; `out` then has the claims.
absl::Status ReadTicketIdentity(Workspace& workspace, const ApRequest& request,
                                TicketIdentity& out);

PeerIdentity PeerOf(TicketIdentity identity);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_TICKET_IDENTITY_H_
