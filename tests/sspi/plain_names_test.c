/* A C program that knows Windows' names alone: it compiles, links and logs in. */
#include <stdio.h>
#include <string.h>

#include "tests/sspi/layout_assertions.h"

static int failures = 0;

static void expect(int condition, const char* what) {
  if (!condition) {
    fprintf(stderr, "not so: %s\n", what);
    ++failures;
  }
}

static SECURITY_STATUS acquire(ULONG use, EPA_AUTH_DATA* data, CredHandle* credentials) {
  data->Version = EPA_AUTH_DATA_VERSION;
  data->Length = sizeof(*data);
  return AcquireCredentialsHandleA(NULL, NTLMSP_NAME_A, use, NULL, data, NULL, NULL, credentials,
                                   NULL);
}

/* Both loops of the documentation in one: what one side writes the other one reads. */
static void log_in(void) {
  EPA_AUTH_DATA client_data = {0}, server_data = {0};
  client_data.User = "alice";
  client_data.Password = "secret";
  server_data.Accounts = "DEMO:alice:secret\n";
  CredHandle client_credentials, server_credentials;
  expect(acquire(SECPKG_CRED_OUTBOUND, &client_data, &client_credentials) == SEC_E_OK, "client");
  expect(acquire(SECPKG_CRED_INBOUND, &server_data, &server_credentials) == SEC_E_OK, "server");

  CtxtHandle client = {0, 0}, server = {0, 0};
  unsigned char to_server[4096], to_client[4096];
  SecBuffer client_out = {0, SECBUFFER_TOKEN, to_server};
  SecBuffer server_out = {0, SECBUFFER_TOKEN, to_client};
  SecBufferDesc client_output = {SECBUFFER_VERSION, 1, &client_out};
  SecBufferDesc server_output = {SECBUFFER_VERSION, 1, &server_out};
  SECURITY_STATUS client_status = SEC_I_CONTINUE_NEEDED, server_status = SEC_I_CONTINUE_NEEDED;
  for (int round = 0; round < 2; ++round) {
    ULONG attributes = 0;
    client_out.cbBuffer = sizeof(to_server);
    client_status = InitializeSecurityContext(
        &client_credentials, round == 0 ? NULL : &client, (SEC_CHAR*)"HTTP/server.example.com", 0,
        0, SECURITY_NATIVE_DREP, round == 0 ? NULL : &server_output, 0, &client, &client_output,
        &attributes, NULL);
    server_out.cbBuffer = sizeof(to_client);
    server_status =
        AcceptSecurityContext(&server_credentials, round == 0 ? NULL : &server, &client_output, 0,
                              SECURITY_NATIVE_DREP, &server, &server_output, &attributes, NULL);
  }
  expect(client_status == SEC_E_OK && server_status == SEC_E_OK, "both sides are done");

  SecPkgContext_Names names;
  expect(QueryContextAttributes(&server, SECPKG_ATTR_NAMES, &names) == SEC_E_OK, "names");
  expect(strcmp(names.sUserName, "DEMO\\alice") == 0, "DEMO\\alice");
  FreeContextBuffer(names.sUserName);
  DeleteSecurityContext(&client);
  DeleteSecurityContext(&server);
  FreeCredentialsHandle(&client_credentials);
  FreeCredentialsHandle(&server_credentials);
}

int main(void) {
  const PSecurityFunctionTable table = InitSecurityInterface();
  ULONG count = 0;
  PSecPkgInfo packages = NULL;
  expect(table->EnumerateSecurityPackages(&count, &packages) == SEC_E_OK && count == 3, "table");
  table->FreeContextBuffer(packages);
  log_in();
  return failures == 0 ? 0 : 1;
}
