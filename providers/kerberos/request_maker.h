// From an initiator's wishes to its AP-REQ: the ticket, and credentials to forward where they go
// along.
#ifndef EPA_PROVIDERS_KERBEROS_REQUEST_MAKER_H_
#define EPA_PROVIDERS_KERBEROS_REQUEST_MAKER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "epa/core/channel_bindings.h"
#include "epa/core/security_package.h"
#include "epa/core/service_principal_name.h"
#include "providers/kerberos/initiator_credentials.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/message_protection.h"

namespace epa::kerberos {

// What the AP-REQ says beside the proof.
struct RequestClaims {
  ChannelBindingToken binding;         // zero: none
  std::optional<uint32_t> ap_options;  // AD-AUTH-DATA-AP-OPTIONS
  std::optional<std::string> target;   // KERB_AUTH_DATA_CLIENT_TARGET, without the realm
  uint32_t flags = 0;                  // GssFlag, without kDelegation
};

struct RequestOrder {
  std::shared_ptr<const InitiatorCredentials> credentials;
  ServicePrincipalName target;
  RequestClaims claims;
};

// An AP-REQ, and what the rest of the login needs.
struct MadeRequest {
  explicit MadeRequest(krb5_context context) : auth(context) {}

  std::vector<uint8_t> token;  // framed
  OwnedAuthContext auth;
  SessionKeys keys;
  FileTime expiry_time = kNever;
  InitiatorName client;  // the ticket's
};

// kVerified: `out` is complete, its token included; else kRejected. An error is a fault of ours.
using MakingResult = absl::StatusOr<MechanismResult>;

// Of what this process has in memory: a realm that the name or the configuration gives, a cached
// ticket, nothing to forward. No value where somebody has to be asked, be it the file system.
std::optional<MakingResult> MakeRequestAtOnce(krb5_context context, const RequestOrder& order,
                                              MadeRequest& out);
// Asks credential cache, name service and KDC as need be. Blocks.
MakingResult MakeRequest(krb5_context context, const RequestOrder& order, MadeRequest& out);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_REQUEST_MAKER_H_
