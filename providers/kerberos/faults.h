// What libkrb5's error codes mean.
#ifndef EPA_PROVIDERS_KERBEROS_FAULTS_H_
#define EPA_PROVIDERS_KERBEROS_FAULTS_H_

#include <krb5/krb5.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/security_package.h"

namespace epa::kerberos {

// libkrb5's sentence. `context` may be null.
std::string ErrorText(krb5_context context, krb5_error_code code);

// OK for 0; Unavailable where no KDC answers; else Internal: a fault of ours.
absl::Status FaultOf(krb5_context context, krb5_error_code code);

// A rejection where the code is the peer's doing or has a reason of its own, else FaultOf. `code`
// is not 0.
absl::StatusOr<MechanismResult> RejectionOf(krb5_context context, krb5_error_code code);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_FAULTS_H_
