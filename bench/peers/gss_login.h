// Logins and messages through MIT's GSS-API, whatever the mechanism.
#ifndef EPA_BENCH_PEERS_GSS_LOGIN_H_
#define EPA_BENCH_PEERS_GSS_LOGIN_H_

#include <gssapi/gssapi.h>

#include <memory>
#include <string>
#include <string_view>

#include "bench/contender.h"

namespace epa::bench {

// Ends the program unless `major` is `expected`.
void RequireGss(OM_uint32 major, OM_uint32 expected, std::string_view what);

// 1.3.6.1.5.5.2.
gss_OID SpnegoMechanism();

gss_name_t ImportName(std::string text, gss_OID type);

// Lets SPNEGO negotiate `mechanism` and no other.
void RestrictSpnego(gss_cred_id_t credentials, gss_OID mechanism);

struct GssLogin {
  std::string name;
  gss_OID mechanism = GSS_C_NO_OID;
  // Released with the contender.
  gss_cred_id_t client_credentials = GSS_C_NO_CREDENTIAL;
  gss_cred_id_t server_credentials = GSS_C_NO_CREDENTIAL;
  size_t legs = 0;
  // gss-ntlmssp makes a MIC only where it is asked to, as SPNEGO does.
  bool ask_for_ntlm_mic = false;
};

// Logs in to kServiceClass on kHost.
std::unique_ptr<Contender> CreateGssContender(GssLogin login);

}  // namespace epa::bench

#endif  // EPA_BENCH_PEERS_GSS_LOGIN_H_
