// A user's own credentials, sent along with a login (RFC 4121 4.1.1, Dlgth and Deleg).
#ifndef EPA_PROVIDERS_KERBEROS_DELEGATION_H_
#define EPA_PROVIDERS_KERBEROS_DELEGATION_H_

#include <cstdint>
#include <memory>
#include <span>

#include "epa/core/security_package.h"
#include "providers/kerberos/ap_request.h"
#include "providers/kerberos/context_pool.h"

namespace epa::kerberos {

// `delegated` is the KRB-CRED. Null: it cannot be used.
std::shared_ptr<const Credentials> TakeDelegated(krb5_context context,
                                                 const std::shared_ptr<ContextPool>& pool,
                                                 const ApRequest& request,
                                                 std::span<const uint8_t> delegated);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_DELEGATION_H_
