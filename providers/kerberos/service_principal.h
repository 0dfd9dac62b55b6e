// From a service principal name to the principal of the ticket.
#ifndef EPA_PROVIDERS_KERBEROS_SERVICE_PRINCIPAL_H_
#define EPA_PROVIDERS_KERBEROS_SERVICE_PRINCIPAL_H_

#include "epa/core/service_principal_name.h"
#include "providers/kerberos/krb5_handles.h"

namespace epa::kerberos {

// "class/host" and whatever follows, with the name's own realm, or the one the configuration
// gives the host, or none: the KDC then decides by referral. The host goes to the KDC as it was
// written: never resolved, never canonicalised (CVE-2026-20929).
krb5_error_code MakeServicePrincipal(krb5_context context, const ServicePrincipalName& name,
                                     bool with_port, OwnedPrincipal& out);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_SERVICE_PRINCIPAL_H_
