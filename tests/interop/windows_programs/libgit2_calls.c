/* The calls of libgit2's client (src/libgit2/transports/auth_sspi.c, which Debian's release does
   not have yet), re-stated: credentials for both roles, wide names, mutual authentication. argv:
   the package, the target, and the user, domain and password, or nothing of these for whoever is
   logged in. */
#define SECURITY_WIN32
#include <security.h>
#include <windows.h>
#include "tokens.h"

static WCHAR* widen(const char* text) {
  const size_t size = strlen(text) + 1;
  WCHAR* wide = calloc(size, sizeof(WCHAR));
  for (size_t i = 0; i < size; ++i) {
    wide[i] = (WCHAR)text[i];
  }
  return wide;
}

int main(int argc, char** argv) {
  require(argc == 3 || argc == 6, "usage: libgit2_calls PACKAGE TARGET [USER DOMAIN PASSWORD]");
  SEC_WINNT_AUTH_IDENTITY_W identity;
  ZeroMemory(&identity, sizeof(identity));
  if (argc == 6) {
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    identity.User = widen(argv[3]);
    identity.UserLength = (ULONG)strlen(argv[3]);
    identity.Domain = widen(argv[4]);
    identity.DomainLength = (ULONG)strlen(argv[4]);
    identity.Password = widen(argv[5]);
    identity.PasswordLength = (ULONG)strlen(argv[5]);
  }
  CredHandle credentials;
  CtxtHandle context;
  require(AcquireCredentialsHandleW(NULL, widen(argv[1]), SECPKG_CRED_BOTH, NULL,
                                    argc == 6 ? &identity : NULL, NULL, NULL, &credentials,
                                    NULL) == SEC_E_OK,
          "AcquireCredentialsHandle");
  unsigned char* challenge = NULL;
  size_t challenge_size = 0;
  SECURITY_STATUS status;
  for (BOOL first = TRUE;; first = FALSE) {
    SecBuffer in = {(ULONG)challenge_size, SECBUFFER_TOKEN, challenge};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
    DWORD attributes = 0;
    status = InitializeSecurityContextW(
        &credentials, first ? NULL : &context, widen(argv[2]),
        ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONFIDENTIALITY | ISC_REQ_MUTUAL_AUTH, 0,
        SECURITY_NETWORK_DREP, first ? NULL : &input, 0, &context, &output, &attributes, NULL);
    require(status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED, "InitializeSecurityContext");
    if (out.cbBuffer != 0) {
      send_line("TOKEN", out.pvBuffer, out.cbBuffer);
    }
    FreeContextBuffer(out.pvBuffer);
    if (status == SEC_E_OK) {
      break;
    }
    challenge_size = receive_line(&challenge);
  }
  send_line("DONE", "", 0);
  DeleteSecurityContext(&context);
  FreeCredentialsHandle(&credentials);
  return 0;
}
