// SEC_WINNT_AUTH_IDENTITY_EX2, the form that identities are copied and stored in.
#ifndef EPA_LIB_SSPI_OPAQUE_IDENTITY_H_
#define EPA_LIB_SSPI_OPAQUE_IDENTITY_H_

#include <optional>
#include <string>
#include <string_view>

#include "epa/sspi/sspi.h"

namespace epa::sspi {

using WideText = std::basic_string<SEC_WCHAR>;
using WideView = std::basic_string_view<SEC_WCHAR>;

// No value: null.
struct OpaqueParts {
  std::optional<WideView> user;
  std::optional<WideView> domain;
  std::optional<WideView> password;
  WideView package_list;
};

// A block for SspiFreeAuthIdentity. SEC_E_INVALID_PARAMETER for a part of more than 32767 octets.
SECURITY_STATUS EncodeIdentity(const OpaqueParts& parts, PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_OPAQUE_IDENTITY_H_
