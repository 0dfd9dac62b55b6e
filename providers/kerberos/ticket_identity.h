// Who a ticket is about.
#ifndef EPA_PROVIDERS_KERBEROS_TICKET_IDENTITY_H_
#define EPA_PROVIDERS_KERBEROS_TICKET_IDENTITY_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "epa/core/security_package.h"
#include "providers/kerberos/ap_request.h"
#include "providers/kerberos/context_pool.h"

namespace epa::kerberos {

struct TicketIdentity {
  PeerIdentity identity;
  // The principal without its realm, and the realm.
  PeerClaims claims;
};

// libkrb5's seconds count without a sign, to 2106.
inline FileTime FileTimeOf(krb5_timestamp time) {
  return kUnixEpochTicks + static_cast<uint32_t>(time) * kTicksPerSecond;
}

// `delegated`: the KRB-CRED the client sent along; credentials that cannot be used are left out.
// A PAC that does not verify is left out too.
absl::StatusOr<TicketIdentity> ReadTicketIdentity(Workspace& workspace,
                                                  const std::shared_ptr<ContextPool>& pool,
                                                  const ApRequest& request,
                                                  std::span<const uint8_t> delegated);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_TICKET_IDENTITY_H_
