/* What curl's own Windows parts do and OpenSSL's side of it does not: SSPI is loaded, and the TLS
   connection is a context that knows its channel bindings, as Schannel's are. Linked with --wrap.
 */
#include "curl_setup.h"

#include "curl_sspi.h"
#include "http_negotiate.h"
#include "http_ntlm.h"
#include "urldata.h"
#include "vtls/vtls.h"

#include "epa/sspi/epa_sspi.h"

static void prepare(struct Curl_easy* data) {
  static CtxtHandle handles[16];
  static int used;
  struct connectdata* connection = data->conn;
  Curl_sspi_global_init();
  if (connection->sslContext == NULL && used < 16) {
    struct ssl_st* ssl = Curl_ssl_get_internals(data, FIRSTSOCKET, CURLINFO_TLS_SSL_PTR, 0);
    if (ssl != NULL && epa_WrapTlsConnection(ssl, 0, &handles[used]) == SEC_E_OK) {
      connection->sslContext = &handles[used++];
    }
  }
}

CURLcode __real_Curl_output_negotiate(struct Curl_easy*, struct connectdata*, bool);
CURLcode __wrap_Curl_output_negotiate(struct Curl_easy* data, struct connectdata* connection,
                                      bool proxy) {
  prepare(data);
  return __real_Curl_output_negotiate(data, connection, proxy);
}

CURLcode __real_Curl_output_ntlm(struct Curl_easy*, bool);
CURLcode __wrap_Curl_output_ntlm(struct Curl_easy* data, bool proxy) {
  prepare(data);
  return __real_Curl_output_ntlm(data, proxy);
}
