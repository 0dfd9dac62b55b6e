// The names under which a client that logged in may name itself.
#ifndef EPA_LIB_SASL_OWN_NAMES_H_
#define EPA_LIB_SASL_OWN_NAMES_H_

#include <string_view>

#include "epa/core/identity.h"

namespace epa::sasl {

// "user", "user@domain" with either of the domain's names, "DOMAIN\user" or the Kerberos principal,
// each with LDAP's "u:" before it or without (RFC 4513 5.2.1.8), without regard to ASCII case.
bool NamesItself(const PeerIdentity& client, std::string_view authorization_identity);

}  // namespace epa::sasl

#endif  // EPA_LIB_SASL_OWN_NAMES_H_
