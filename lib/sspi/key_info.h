// SECPKG_ATTR_KEY_INFO.
#ifndef EPA_LIB_SSPI_KEY_INFO_H_
#define EPA_LIB_SSPI_KEY_INFO_H_

#include "epa/core/security_context.h"
#include "epa/sspi/sspi.h"

namespace epa::sspi {

// The algorithms that protect messages. SEC_E_UNSUPPORTED_FUNCTION where none was agreed on.
template <typename KeyInfo>
SECURITY_STATUS PutKeyInfo(SecurityContext& login, KeyInfo& out);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_KEY_INFO_H_
