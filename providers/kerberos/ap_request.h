// An AP-REQ as libkrb5 checked it.
#ifndef EPA_PROVIDERS_KERBEROS_AP_REQUEST_H_
#define EPA_PROVIDERS_KERBEROS_AP_REQUEST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "providers/kerberos/checksum.h"
#include "providers/kerberos/gss_framing.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/replay_cache.h"
#include "providers/kerberos/request_opener.h"

namespace epa::kerberos {

struct Workspace;

struct ApRequest {
  explicit ApRequest(krb5_context context)
      : auth(context), ticket_of_libkrb5(context), authenticator_of_libkrb5(context) {}

  // Its server is the principal of the key that opened it.
  const krb5_ticket* ticket = nullptr;
  const krb5_authenticator* authenticator = nullptr;
  krb5_flags options = 0;  // AP_OPTS_*, which nothing protects
  OwnedAuthContext auth;   // null where nobody but InspectApRequest's opener has seen it

  // The owners of the above.
  OwnedTicket ticket_of_libkrb5;
  OwnedAuthenticator authenticator_of_libkrb5;
  std::unique_ptr<OpenedRequest> opened;
};

// Ticket, key, clock, and, with `shared_replay_cache`, replay. With the keys of `workspace`.
krb5_error_code CheckApRequest(Workspace& workspace, std::span<const uint8_t> message,
                               const TicketNames& names, bool shared_replay_cache, ApRequest& out);
// The same without replays, for whoever will not answer the request.
krb5_error_code InspectApRequest(Workspace& workspace, std::span<const uint8_t> message,
                                 const TicketNames& names, ApRequest& out);

// The encryption types in use: the ticket's, the session key's, the subkey's.
bool UsesWeakEncryption(const ApRequest& request);

// The same for a replayed AP-REQ, whatever was changed outside of what its keys protect.
absl::StatusOr<InProcessReplayCache::Tag> ReplayTag(const ApRequest& request);

// What the client says in the authenticator's authorization data ([MS-KILE] 3.2.5.8).
struct ClientClaims {
  bool knows_bindings = false;     // KERB_AP_OPTIONS_CBT
  bool target_unverified = false;  // KERB_AP_OPTIONS_UNVERIFIED_TARGET_NAME
  // KERB_AUTH_DATA_CLIENT_TARGET without its realm.
  std::optional<std::string> target;
};
// False when they are malformed, given twice or nested too deeply.
bool ReadClaims(const ApRequest& request, ClientClaims& out);

// The checksum. No value: the client sent none, or one that is not GSS-API's and that holds over
// nothing, as Samba's; `flags` then is what such a client is taken to want. InvalidArgument when
// it is malformed, DataLoss when it does not hold.
struct ClientChecksum {
  std::optional<GssChecksum> gss;
  uint32_t flags = 0;
};
absl::StatusOr<ClientChecksum> ReadChecksum(krb5_context context, const ApRequest& request);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_AP_REQUEST_H_
