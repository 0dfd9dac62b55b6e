#include "providers/kerberos/request_checksum.h"

#include "providers/kerberos/krb5_handles.h"

namespace epa::kerberos {

krb5_error_code WriteRequestChecksum(krb5_context context, krb5_auth_context auth, void* checksum,
                                     krb5_data** out) {
  auto& request = *static_cast<RequestChecksum*>(checksum);
  OwnedData forwarded(context);
  if (request.cache != nullptr) {
    krb5_int32 flags = 0;
    krb5_auth_con_getflags(context, auth, &flags);
    // The authenticator around it vouches for time and order.
    krb5_auth_con_setflags(context, auth, 0);
    const krb5_error_code code =
        krb5_fwd_tgt_creds(context, auth, nullptr, request.ticket->client, request.ticket->server,
                           request.cache, 1, forwarded.out());
    krb5_auth_con_setflags(context, auth, flags);
    if (code == 0) {
      request.fields.flags |= kDelegation;
      request.fields.delegated = forwarded.octets();
    }
  }
  auto written = WriteGssChecksum(request.fields);
  request.fields.delegated = {};
  if (!written.ok()) {
    return KRB5_BAD_MSIZE;
  }
  request.octets = *std::move(written);
  request.data = ViewOf(request.octets);
  *out = &request.data;
  return 0;
}

}  // namespace epa::kerberos
