#include "bench/peers/gss_krb5.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <utility>
#include <vector>

#include "bench/peers/gss_login.h"

namespace epa::bench {
namespace {

gss_cred_id_t AcquireCredentials(gss_OID mechanism, gss_cred_usage_t usage,
                                 std::vector<gss_key_value_element_desc> store) {
  gss_OID_set_desc mechanisms = {1, mechanism};
  const gss_key_value_set_desc elements = {static_cast<OM_uint32>(store.size()), store.data()};
  gss_cred_id_t credentials = GSS_C_NO_CREDENTIAL;
  OM_uint32 minor = 0;
  RequireGss(gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms, usage,
                                   &elements, &credentials, nullptr, nullptr),
             GSS_S_COMPLETE, "gss_acquire_cred_from");
  return credentials;
}

}  // namespace

std::unique_ptr<Contender> CreateGssKrb5(std::string name, const Realm& realm,
                                         const char* replay_cache, bool inside_spnego) {
  const std::string cache = Realm::CacheName();
  const std::string keytab = "FILE:" + realm.keytab_path();
  GssLogin login;
  login.name = std::move(name);
  login.mechanism = inside_spnego ? SpnegoMechanism() : gss_mech_krb5;
  login.client_credentials =
      AcquireCredentials(login.mechanism, GSS_C_INITIATE, {{"ccache", cache.c_str()}});
  login.server_credentials = AcquireCredentials(
      login.mechanism, GSS_C_ACCEPT, {{"keytab", keytab.c_str()}, {"rcache", replay_cache}});
  login.legs = kKerberosLegs;
  if (inside_spnego) {
    RestrictSpnego(login.client_credentials, gss_mech_krb5);
    RestrictSpnego(login.server_credentials, gss_mech_krb5);
  }
  return CreateGssContender(std::move(login));
}

}  // namespace epa::bench
