// The AP-REQ's checksum, which libkrb5 asks for once the keys are there.
#ifndef EPA_PROVIDERS_KERBEROS_REQUEST_CHECKSUM_H_
#define EPA_PROVIDERS_KERBEROS_REQUEST_CHECKSUM_H_

#include <krb5/krb5.h>

#include <cstdint>
#include <vector>

#include "providers/kerberos/checksum.h"

namespace epa::kerberos {

struct RequestChecksum {
  // In: binding and flags. Out: kDelegation too where credentials went along.
  GssChecksum fields;
  const krb5_creds* ticket = nullptr;
  krb5_ccache cache = nullptr;  // forward its ticket-granting ticket; null: do not
  std::vector<uint8_t> octets;
  krb5_data data = {};
};

// A krb5_mk_req_checksum_func; `checksum` is a RequestChecksum. A ticket-granting ticket that
// cannot be forwarded is left out.
krb5_error_code WriteRequestChecksum(krb5_context context, krb5_auth_context auth, void* checksum,
                                     krb5_data** out);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_REQUEST_CHECKSUM_H_
