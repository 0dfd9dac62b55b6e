/* For programs that pass no credentials and are linked to libepa-sspi, which reads no environment
   variable: whoever starts them says who they are. */
#include <epa/sspi/epa_sspi.h>
#include <stdlib.h>

__attribute__((constructor)) static void set_defaults(void) {
  EPA_AUTH_DATA client = {.Version = EPA_AUTH_DATA_VERSION, .Length = sizeof(client)};
  EPA_AUTH_DATA server = client;
  client.CredentialCache = getenv("KRB5CCNAME");
  client.User = getenv("TEST_USER"); /* for NTLM */
  client.Password = getenv("TEST_PASSWORD");
  client.Krb5Conf = getenv("KRB5_CONFIG");
  epa_SetDefaultAuthData(SECPKG_CRED_OUTBOUND, &client);
  server.Accounts = getenv("TEST_ACCOUNTS");
  epa_SetDefaultAuthData(SECPKG_CRED_INBOUND, &server);
}
