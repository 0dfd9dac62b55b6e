// Names of principals as text.
#ifndef EPA_PROVIDERS_KERBEROS_PRINCIPAL_TEXT_H_
#define EPA_PROVIDERS_KERBEROS_PRINCIPAL_TEXT_H_

#include <span>
#include <string>
#include <string_view>

#include "providers/kerberos/krb5_handles.h"

namespace epa::kerberos {

// Components with "/" between them. Within one, "/", "@", "\", NUL, backspace, tab and line feed
// are quoted with "\", so that none can pass for two, for a realm, or for a shorter name.
std::string PrincipalText(std::span<const std::string_view> components);

// The same, without and with the realm; the latter is what krb5_unparse_name writes.
std::string PrincipalText(const krb5_principal_data& principal);
std::string PrincipalTextWithRealm(const krb5_principal_data& principal);

// Whether a component or the realm has a NUL: whoever takes the name for a C string sees another
// one (CVE-2014-5355).
bool HasNul(const krb5_principal_data& principal);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_PRINCIPAL_TEXT_H_
