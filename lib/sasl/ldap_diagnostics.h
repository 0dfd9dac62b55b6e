// What a directory server of Windows says of a bind that it refuses: clients look for it.
#ifndef EPA_LIB_SASL_LDAP_DIAGNOSTICS_H_
#define EPA_LIB_SASL_LDAP_DIAGNOSTICS_H_

#include <string>
#include <string_view>

#include "epa/core/reason.h"
#include "lib/sasl/ldap_messages.h"

namespace epa::sasl {

struct LdapRefusal {
  LdapResult result = LdapResult::kInvalidCredentials;
  std::string diagnostic;
};
// Of a login that was refused.
LdapRefusal LdapRefusalOf(Reason reason);

// Whether a server's diagnostic message says that the channel binding was missing or wrong.
bool SaysBadBindings(std::string_view diagnostic);

}  // namespace epa::sasl

#endif  // EPA_LIB_SASL_LDAP_DIAGNOSTICS_H_
