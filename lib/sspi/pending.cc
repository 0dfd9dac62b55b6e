#include "epa/sspi/epa_sspi.h"

SECURITY_STATUS epa_EnumerateSecurityPackagesA(PULONG, PSecPkgInfoA*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_EnumerateSecurityPackagesW(PULONG, PSecPkgInfoW*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QuerySecurityPackageInfoA(SEC_CHAR*, PSecPkgInfoA*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QuerySecurityPackageInfoW(SEC_WCHAR*, PSecPkgInfoW*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_AcquireCredentialsHandleA(SEC_CHAR*, SEC_CHAR*, ULONG, void*, void*,
                                              SEC_GET_KEY_FN, void*, PCredHandle,
                                              PTimeStamp) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_AcquireCredentialsHandleW(SEC_WCHAR*, SEC_WCHAR*, ULONG, void*, void*,
                                              SEC_GET_KEY_FN, void*, PCredHandle,
                                              PTimeStamp) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_AddCredentialsA(PCredHandle, SEC_CHAR*, SEC_CHAR*, ULONG, void*, SEC_GET_KEY_FN,
                                    void*, PTimeStamp) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_AddCredentialsW(PCredHandle, SEC_WCHAR*, SEC_WCHAR*, ULONG, void*,
                                    SEC_GET_KEY_FN, void*, PTimeStamp) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_FreeCredentialsHandle(PCredHandle) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QueryCredentialsAttributesA(PCredHandle, ULONG, void*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QueryCredentialsAttributesW(PCredHandle, ULONG, void*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QueryCredentialsAttributesExA(PCredHandle, ULONG, void*, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QueryCredentialsAttributesExW(PCredHandle, ULONG, void*, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_SetCredentialsAttributesA(PCredHandle, ULONG, void*, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_SetCredentialsAttributesW(PCredHandle, ULONG, void*, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_ChangeAccountPasswordA(SEC_CHAR*, SEC_CHAR*, SEC_CHAR*, SEC_CHAR*, SEC_CHAR*,
                                           BOOLEAN, ULONG, PSecBufferDesc) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_ChangeAccountPasswordW(SEC_WCHAR*, SEC_WCHAR*, SEC_WCHAR*, SEC_WCHAR*,
                                           SEC_WCHAR*, BOOLEAN, ULONG, PSecBufferDesc) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_InitializeSecurityContextA(PCredHandle, PCtxtHandle, SEC_CHAR*, ULONG, ULONG,
                                               ULONG, PSecBufferDesc, ULONG, PCtxtHandle,
                                               PSecBufferDesc, PULONG, PTimeStamp) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_InitializeSecurityContextW(PCredHandle, PCtxtHandle, SEC_WCHAR*, ULONG, ULONG,
                                               ULONG, PSecBufferDesc, ULONG, PCtxtHandle,
                                               PSecBufferDesc, PULONG, PTimeStamp) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_AcceptSecurityContext(PCredHandle, PCtxtHandle, PSecBufferDesc, ULONG, ULONG,
                                          PCtxtHandle, PSecBufferDesc, PULONG,
                                          PTimeStamp) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_CompleteAuthToken(PCtxtHandle, PSecBufferDesc) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_DeleteSecurityContext(PCtxtHandle) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_ApplyControlToken(PCtxtHandle, PSecBufferDesc) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QueryContextAttributesA(PCtxtHandle, ULONG, void*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QueryContextAttributesW(PCtxtHandle, ULONG, void*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QueryContextAttributesExA(PCtxtHandle, ULONG, void*, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QueryContextAttributesExW(PCtxtHandle, ULONG, void*, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_SetContextAttributesA(PCtxtHandle, ULONG, void*, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_SetContextAttributesW(PCtxtHandle, ULONG, void*, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_ImpersonateSecurityContext(PCtxtHandle) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_RevertSecurityContext(PCtxtHandle) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_QuerySecurityContextToken(PCtxtHandle, void**) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_MakeSignature(PCtxtHandle, ULONG, PSecBufferDesc, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_VerifySignature(PCtxtHandle, PSecBufferDesc, ULONG, PULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_EncryptMessage(PCtxtHandle, ULONG, PSecBufferDesc, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_DecryptMessage(PCtxtHandle, PSecBufferDesc, ULONG, PULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_ExportSecurityContext(PCtxtHandle, ULONG, PSecBuffer, void**) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_ImportSecurityContextA(SEC_CHAR*, PSecBuffer, void*, PCtxtHandle) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_ImportSecurityContextW(SEC_WCHAR*, PSecBuffer, void*, PCtxtHandle) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_FreeContextBuffer(void*) noexcept { return SEC_E_UNSUPPORTED_FUNCTION; }
SECURITY_STATUS epa_SspiSetChannelBindingFlags(PSecPkgContext_Bindings, ULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS epa_SspiEncodeStringsAsAuthIdentity(PCWSTR, PCWSTR, PCWSTR,
                                                    PSEC_WINNT_AUTH_IDENTITY_OPAQUE*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
void epa_SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE) noexcept {}
void epa_SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE) noexcept {}
PSecurityFunctionTableA epa_InitSecurityInterfaceA() noexcept { return nullptr; }
PSecurityFunctionTableW epa_InitSecurityInterfaceW() noexcept { return nullptr; }
SECURITY_STATUS epa_WrapTlsConnection(struct ssl_st*, ULONG, PCtxtHandle) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
