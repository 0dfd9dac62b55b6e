// What AcceptSecurityContext's flags and bindings demand, as a policy of this library.
#ifndef EPA_LIB_SSPI_POLICIES_H_
#define EPA_LIB_SSPI_POLICIES_H_

#include <memory>

#include "epa/core/extended_protection.h"
#include "epa/sspi/sspi.h"
#include "lib/sspi/bindings.h"

namespace epa::sspi {

// The rules of Windows for a server that has no policy of its own: without bindings and without
// ASC_REQ_PROXY_BINDINGS nothing is compared; ASC_REQ_ALLOW_MISSING_BINDINGS forgives clients that
// say nothing. The service name is the application's to check.
// `given`: null for none.
std::shared_ptr<const ExtendedProtectionPolicy> WindowsPolicy(ULONG request,
                                                              const GivenBindings* given);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_POLICIES_H_
