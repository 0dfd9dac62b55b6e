// Looks at Kerberos logins that MIT's mechanism does.
#ifndef EPA_MODULES_GSS_KERBEROS_LOGIN_H_
#define EPA_MODULES_GSS_KERBEROS_LOGIN_H_

#include "modules/gss/engine.h"

namespace epa::gss {

// As the members of Engine.
KerberosVerdict InspectKerberos(const gss_buffer_desc* token, gss_channel_bindings_t given);
void ConcludeKerberos(void* login, OM_uint32 major);
void KerberosInitiated(const gss_buffer_desc* token);

}  // namespace epa::gss

#endif  // EPA_MODULES_GSS_KERBEROS_LOGIN_H_
