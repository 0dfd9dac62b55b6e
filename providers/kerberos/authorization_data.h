// Authorization data (RFC 4120 5.2.6), of a ticket or of an authenticator.
#ifndef EPA_PROVIDERS_KERBEROS_AUTHORIZATION_DATA_H_
#define EPA_PROVIDERS_KERBEROS_AUTHORIZATION_DATA_H_

#include <krb5/krb5.h>

#include <cstdint>
#include <span>

#include "absl/functional/function_ref.h"

namespace epa::kerberos {

// False ends the visit.
using ElementVisitor = absl::FunctionRef<bool(int32_t type, std::span<const uint8_t> octets)>;

// The elements in their order, and in place of each AD-IF-RELEVANT those within it. `list` ends
// with a null pointer, and may be one. False where a container is malformed or within more than
// three others, and where `visit` said so.
[[nodiscard]] bool VisitAuthorizationData(const krb5_authdata* const* list, ElementVisitor visit);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_AUTHORIZATION_DATA_H_
