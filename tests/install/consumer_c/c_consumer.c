/* Logs in to itself through sspi.h as installed: binding this channel, then another one. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "epa/sspi/epa_sspi.h"

enum { kMaxToken = 65536, kMaxSteps = 8 };

static void Require(int holds, const char* what, SECURITY_STATUS status) {
  if (!holds) {
    fprintf(stderr, "c_consumer: %s: 0x%08X\n", what, (unsigned)status);
    exit(1);
  }
}

typedef struct Bindings {
  SEC_CHANNEL_BINDINGS header;
  char data[53]; /* "tls-server-end-point:" and a SHA-256 */
} Bindings;

static Bindings BindingsOf(char certificate) {
  Bindings bindings;
  memset(&bindings, 0, sizeof(bindings));
  bindings.header.cbApplicationDataLength = sizeof(bindings.data);
  bindings.header.dwApplicationDataOffset = sizeof(bindings.header);
  memset(bindings.data, certificate, sizeof(bindings.data));
  memcpy(bindings.data, "tls-server-end-point:", 21);
  return bindings;
}

static SecBuffer BindingsBuffer(Bindings* bindings) {
  SecBuffer buffer = {sizeof(bindings->header) + sizeof(bindings->data), SECBUFFER_CHANNEL_BINDINGS,
                      bindings};
  return buffer;
}

static CredHandle Acquire(ULONG use, EPA_AUTH_DATA* data) {
  CredHandle credentials;
  char package[] = NEGOSSP_NAME_A;
  data->Version = EPA_AUTH_DATA_VERSION;
  data->Length = sizeof(*data);
  const SECURITY_STATUS status =
      AcquireCredentialsHandleA(NULL, package, use, NULL, data, NULL, NULL, &credentials, NULL);
  Require(status == SEC_E_OK, "AcquireCredentialsHandle", status);
  return credentials;
}

/* What the server says in the end to a client that binds `client`, when the channel is `server`. */
static SECURITY_STATUS LogIn(CredHandle* client_credentials, CredHandle* server_credentials,
                             Bindings client, Bindings server) {
  CtxtHandle client_context, server_context;
  char target[] = "HTTP/www.example.com";
  uint8_t question[kMaxToken], answer[kMaxToken];
  ULONG attributes, answer_size = 0;
  SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
  SecInvalidateHandle(&client_context);
  SecInvalidateHandle(&server_context);
  for (int step = 0; step < kMaxSteps && status == SEC_I_CONTINUE_NEEDED; ++step) {
    SecBuffer client_in[] = {{answer_size, SECBUFFER_TOKEN, answer}, BindingsBuffer(&client)};
    SecBuffer client_out = {kMaxToken, SECBUFFER_TOKEN, question};
    SecBufferDesc client_input = {SECBUFFER_VERSION, 2, client_in};
    SecBufferDesc client_output = {SECBUFFER_VERSION, 1, &client_out};
    status = InitializeSecurityContextA(client_credentials, step == 0 ? NULL : &client_context,
                                        target, 0, 0, SECURITY_NATIVE_DREP, &client_input, 0,
                                        &client_context, &client_output, &attributes, NULL);
    Require(status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED, "InitializeSecurityContext",
            status);

    SecBuffer server_in[] = {{client_out.cbBuffer, SECBUFFER_TOKEN, question},
                             BindingsBuffer(&server)};
    SecBuffer server_out = {kMaxToken, SECBUFFER_TOKEN, answer};
    SecBufferDesc server_input = {SECBUFFER_VERSION, 2, server_in};
    SecBufferDesc server_output = {SECBUFFER_VERSION, 1, &server_out};
    status = AcceptSecurityContext(server_credentials, step == 0 ? NULL : &server_context,
                                   &server_input, 0, SECURITY_NATIVE_DREP, &server_context,
                                   &server_output, &attributes, NULL);
    answer_size = server_out.cbBuffer;
  }
  DeleteSecurityContext(&client_context);
  DeleteSecurityContext(&server_context);
  return status;
}

int main(void) {
  EPA_AUTH_DATA user, accounts;
  memset(&user, 0, sizeof(user));
  memset(&accounts, 0, sizeof(accounts));
  user.User = "DEMO\\alice";
  user.Password = "secret";
  accounts.Accounts = "DEMO:alice:secret\n";
  accounts.PackageList = "NTLM";
  CredHandle client = Acquire(SECPKG_CRED_OUTBOUND, &user);
  CredHandle server = Acquire(SECPKG_CRED_INBOUND, &accounts);

  SECURITY_STATUS status = LogIn(&client, &server, BindingsOf('a'), BindingsOf('a'));
  Require(status == SEC_E_OK, "a login that binds this channel", status);
  status = LogIn(&client, &server, BindingsOf('a'), BindingsOf('b'));
  Require(status == SEC_E_BAD_BINDINGS, "a login that binds another channel", status);

  FreeCredentialsHandle(&client);
  FreeCredentialsHandle(&server);
  printf("bound: accepted, relayed: SEC_E_BAD_BINDINGS\n");
  return 0;
}
