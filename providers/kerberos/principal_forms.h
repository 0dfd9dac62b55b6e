// The principals that a login name may stand for.
#ifndef EPA_PROVIDERS_KERBEROS_PRINCIPAL_FORMS_H_
#define EPA_PROVIDERS_KERBEROS_PRINCIPAL_FORMS_H_

#include <string>
#include <string_view>
#include <vector>

#include "providers/kerberos/krb5_handles.h"

namespace epa::kerberos {

struct PrincipalForm {
  std::string name;
  // NT-ENTERPRISE (RFC 6806 5): the part before the last '@' is a user principal name, whose
  // account only the KDC knows.
  bool enterprise = false;
  // In the configuration's default realm although the name has a domain of its own.
  bool default_realm = false;
};

// In the order in which to ask for them. "user@r" is a principal of realm r, of that realm in
// capitals (Windows' realms are), or a user principal name there or in the default realm.
// "user@suffix@REALM" is a user principal name in that realm; a name with a backslash or without
// '@' is a principal as libkrb5 writes it. Never empty.
std::vector<PrincipalForm> PrincipalForms(std::string_view name);

krb5_error_code ParsePrincipal(krb5_context context, const PrincipalForm& form,
                               OwnedPrincipal& out);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_PRINCIPAL_FORMS_H_
