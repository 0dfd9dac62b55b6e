/* A program as it is written for Windows: these headers, its widths, and SSPI bound at run time. */
#define SECURITY_WIN32
#define UNICODE
#include <windows.h>
/* second, as security.h wants types of the first */
#include <security.h>
#include <stdio.h>

/* Members that are called as functions of SSPI are. */
struct Cipher {
  int EncryptMessage;
  int InitializeSecurityContextA;
};

int main(void) {
  const HMODULE module = LoadLibraryA("SECUR32.DLL");
  if (module == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  const INIT_SECURITY_INTERFACE init =
      (INIT_SECURITY_INTERFACE)GetProcAddress(module, SECURITY_ENTRYPOINT_ANSI);
  const PSecurityFunctionTable table = init();
  TCHAR user[] = L"alice", domain[] = TEXT("CORP"), password[] = L"secret",
        package[] = NEGOSSP_NAME;
  SEC_WINNT_AUTH_IDENTITY identity;
  ZeroMemory(&identity, sizeof(identity));
  identity.User = user;
  identity.UserLength = 5;
  identity.Domain = domain;
  identity.DomainLength = 4;
  identity.Password = password;
  identity.PasswordLength = 6;
  identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
  CredHandle credentials;
  CtxtHandle context;
  SecInvalidateHandle(&credentials);
  if (table->AcquireCredentialsHandle(NULL, package, SECPKG_CRED_OUTBOUND, NULL, &identity, NULL,
                                      NULL, &credentials, NULL) != SEC_E_OK) {
    return 2;
  }
  SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
  SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
  DWORD attributes = 0;
  const SECURITY_STATUS status = table->InitializeSecurityContext(
      &credentials, NULL, TEXT("HTTP/www.example.com"), ISC_REQ_ALLOCATE_MEMORY, 0,
      SECURITY_NATIVE_DREP, NULL, 0, &context, &output, &attributes, NULL);
  printf("0x%08X %u\n", (unsigned)status, (unsigned)sizeof(struct Cipher));
  table->FreeContextBuffer(token.pvBuffer);
  table->DeleteSecurityContext(&context);
  table->FreeCredentialHandle(&credentials);
  return FreeLibrary(module) ? 0 : 3;
}
