/* The calls of FreeTDS' client (src/tds/sspi.c), re-stated: the first without bindings, the second
   with the challenge and, since its release 1.4, SECBUFFER_CHANNEL_BINDINGS. argv: user, domain,
   password, the target, and "counted" or "miscounted".

   "miscounted": the descriptor says one buffer although two are filled in. The bindings are then
   invisible to any SSPI, Windows' too. */
#define SECURITY_WIN32
#include <security.h>
#include <windows.h>
#include "tokens.h"

int main(int argc, char** argv) {
  require(argc == 6, "usage: freetds_calls USER DOMAIN PASSWORD TARGET counted|miscounted");
  SEC_WINNT_AUTH_IDENTITY identity = {(UCHAR*)argv[1],
                                      (ULONG)strlen(argv[1]),
                                      (UCHAR*)argv[2],
                                      (ULONG)strlen(argv[2]),
                                      (UCHAR*)argv[3],
                                      (ULONG)strlen(argv[3]),
                                      SEC_WINNT_AUTH_IDENTITY_ANSI};
  PSecurityFunctionTable table = InitSecurityInterface();
  CredHandle credentials;
  CtxtHandle context;
  TimeStamp expiry;
  ULONG attributes = 0;
  require(table->AcquireCredentialsHandle(NULL, "Negotiate", SECPKG_CRED_OUTBOUND, NULL, &identity,
                                          NULL, NULL, &credentials, &expiry) == SEC_E_OK,
          "AcquireCredentialsHandle");
  unsigned char room[12000];
  SecBuffer out = {sizeof(room), SECBUFFER_TOKEN, room};
  SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
  const ULONG flags = ISC_REQ_CONFIDENTIALITY | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONNECTION;
  SECURITY_STATUS status =
      table->InitializeSecurityContext(&credentials, NULL, argv[4], flags, 0, SECURITY_NETWORK_DREP,
                                       NULL, 0, &context, &output, &attributes, &expiry);
  unsigned char bindings[sizeof(SEC_CHANNEL_BINDINGS) + 53] = {0};
  SEC_CHANNEL_BINDINGS* header = (SEC_CHANNEL_BINDINGS*)bindings;
  header->cbApplicationDataLength = 53;
  header->dwApplicationDataOffset = sizeof(SEC_CHANNEL_BINDINGS);
  memcpy(header + 1, "tls-server-end-point:", 21);
  memset((char*)(header + 1) + 21, 'c', 32);
  while (status == SEC_I_CONTINUE_NEEDED) {
    unsigned char* challenge;
    send_line("TOKEN", room, out.cbBuffer);
    const ULONG size = (ULONG)receive_line(&challenge);
    SecBuffer in[2] = {{size, SECBUFFER_TOKEN, challenge},
                       {sizeof(bindings), SECBUFFER_CHANNEL_BINDINGS, bindings}};
    SecBufferDesc input = {SECBUFFER_VERSION, strcmp(argv[5], "counted") == 0 ? 2u : 1u, in};
    out.cbBuffer = sizeof(room);
    status = table->InitializeSecurityContext(&credentials, &context, argv[4], flags, 0,
                                              SECURITY_NETWORK_DREP, &input, 0, &context, &output,
                                              &attributes, &expiry);
  }
  require(status == SEC_E_OK, "InitializeSecurityContext");
  if (out.cbBuffer != 0) {
    send_line("TOKEN", room, out.cbBuffer);
  }
  send_line("DONE", "", 0);
  table->DeleteSecurityContext(&context);
  table->FreeCredentialsHandle(&credentials);
  return 0;
}
