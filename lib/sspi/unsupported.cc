// What Windows has and Linux or this library has not. A handle is looked at first, so that a
// program that uses a wrong one hears of that.
#include "epa/sspi/sspi.h"
#include "lib/sspi/context.h"

namespace {

SECURITY_STATUS RefuseContext(PCtxtHandle handle) noexcept {
  return epa::sspi::WithContext(handle,
                                [](epa::sspi::Context&) { return SEC_E_UNSUPPORTED_FUNCTION; });
}

SECURITY_STATUS RefuseCredentials(PCredHandle handle) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::TheCredentials().Find(handle) != nullptr ? SEC_E_UNSUPPORTED_FUNCTION
                                                               : SEC_E_INVALID_HANDLE;
  });
}

}  // namespace

// For packages that leave the end of a token to the caller (Digest) and for TLS.
SECURITY_STATUS SEC_ENTRY epa_CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc) noexcept {
  return RefuseContext(phContext);
}
SECURITY_STATUS SEC_ENTRY epa_ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc) noexcept {
  return RefuseContext(phContext);
}
SECURITY_STATUS SEC_ENTRY epa_SetContextAttributesA(PCtxtHandle phContext, ULONG, void*,
                                                    ULONG) noexcept {
  return RefuseContext(phContext);
}
SECURITY_STATUS SEC_ENTRY epa_SetContextAttributesW(PCtxtHandle phContext, ULONG, void*,
                                                    ULONG) noexcept {
  return RefuseContext(phContext);
}

// Linux has no access tokens.
SECURITY_STATUS SEC_ENTRY epa_ImpersonateSecurityContext(PCtxtHandle phContext) noexcept {
  return RefuseContext(phContext);
}
SECURITY_STATUS SEC_ENTRY epa_RevertSecurityContext(PCtxtHandle phContext) noexcept {
  return RefuseContext(phContext);
}
SECURITY_STATUS SEC_ENTRY epa_QuerySecurityContextToken(PCtxtHandle phContext, void**) noexcept {
  return RefuseContext(phContext);
}

// A login's keys and sequence numbers stay in the process that made them.
SECURITY_STATUS SEC_ENTRY epa_ExportSecurityContext(PCtxtHandle phContext, ULONG, PSecBuffer,
                                                    void**) noexcept {
  return RefuseContext(phContext);
}
SECURITY_STATUS SEC_ENTRY epa_ImportSecurityContextA(SEC_CHAR*, PSecBuffer, void*,
                                                     PCtxtHandle) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_ImportSecurityContextW(SEC_WCHAR*, PSecBuffer, void*,
                                                     PCtxtHandle) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}

// Credentials do not change: threads share them.
SECURITY_STATUS SEC_ENTRY epa_AddCredentialsA(PCredHandle hCredentials, SEC_CHAR*, SEC_CHAR*, ULONG,
                                              void*, SEC_GET_KEY_FN, void*, PTimeStamp) noexcept {
  return RefuseCredentials(hCredentials);
}
SECURITY_STATUS SEC_ENTRY epa_AddCredentialsW(PCredHandle hCredentials, SEC_WCHAR*, SEC_WCHAR*,
                                              ULONG, void*, SEC_GET_KEY_FN, void*,
                                              PTimeStamp) noexcept {
  return RefuseCredentials(hCredentials);
}
SECURITY_STATUS SEC_ENTRY epa_SetCredentialsAttributesA(PCredHandle phCredential, ULONG, void*,
                                                        ULONG) noexcept {
  return RefuseCredentials(phCredential);
}
SECURITY_STATUS SEC_ENTRY epa_SetCredentialsAttributesW(PCredHandle phCredential, ULONG, void*,
                                                        ULONG) noexcept {
  return RefuseCredentials(phCredential);
}

SECURITY_STATUS SEC_ENTRY epa_ChangeAccountPasswordA(SEC_CHAR*, SEC_CHAR*, SEC_CHAR*, SEC_CHAR*,
                                                     SEC_CHAR*, BOOLEAN, ULONG,
                                                     PSecBufferDesc) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_ChangeAccountPasswordW(SEC_WCHAR*, SEC_WCHAR*, SEC_WCHAR*, SEC_WCHAR*,
                                                     SEC_WCHAR*, BOOLEAN, ULONG,
                                                     PSecBufferDesc) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS SEC_ENTRY epa_DelegateSecurityContext(PCtxtHandle phContext, SEC_CHAR*,
                                                      SecDelegationType, PTimeStamp, PSecBuffer,
                                                      PSecBufferDesc) noexcept {
  return RefuseContext(phContext);
}

// SASL is a component of its own, with a C++ interface.
SECURITY_STATUS SEC_ENTRY epa_SaslEnumerateProfilesA(SEC_CHAR**, PULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SaslEnumerateProfilesW(SEC_WCHAR**, PULONG) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SaslGetProfilePackageA(SEC_CHAR*, PSecPkgInfoA*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SaslGetProfilePackageW(SEC_WCHAR*, PSecPkgInfoW*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SaslIdentifyPackageA(PSecBufferDesc, PSecPkgInfoA*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SaslIdentifyPackageW(PSecBufferDesc, PSecPkgInfoW*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SaslInitializeSecurityContextA(PCredHandle phCredential, PCtxtHandle,
                                                             SEC_CHAR*, ULONG, ULONG, ULONG,
                                                             PSecBufferDesc, ULONG, PCtxtHandle,
                                                             PSecBufferDesc, PULONG,
                                                             PTimeStamp) noexcept {
  return RefuseCredentials(phCredential);
}
SECURITY_STATUS SEC_ENTRY epa_SaslInitializeSecurityContextW(PCredHandle phCredential, PCtxtHandle,
                                                             SEC_WCHAR*, ULONG, ULONG, ULONG,
                                                             PSecBufferDesc, ULONG, PCtxtHandle,
                                                             PSecBufferDesc, PULONG,
                                                             PTimeStamp) noexcept {
  return RefuseCredentials(phCredential);
}
SECURITY_STATUS SEC_ENTRY epa_SaslAcceptSecurityContext(PCredHandle phCredential, PCtxtHandle,
                                                        PSecBufferDesc, ULONG, ULONG, PCtxtHandle,
                                                        PSecBufferDesc, PULONG,
                                                        PTimeStamp) noexcept {
  return RefuseCredentials(phCredential);
}
SECURITY_STATUS SEC_ENTRY epa_SaslSetContextOption(PCtxtHandle ContextHandle, ULONG, PVOID,
                                                   ULONG) noexcept {
  return RefuseContext(ContextHandle);
}
SECURITY_STATUS SEC_ENTRY epa_SaslGetContextOption(PCtxtHandle ContextHandle, ULONG, PVOID, ULONG,
                                                   PULONG) noexcept {
  return RefuseContext(ContextHandle);
}

// The credential manager, its dialogs and the system's keys for identities.
SECURITY_STATUS SEC_ENTRY epa_SspiEncryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SspiEncryptAuthIdentityEx(ULONG,
                                                        PSEC_WINNT_AUTH_IDENTITY_OPAQUE) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SspiDecryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SspiDecryptAuthIdentityEx(ULONG,
                                                        PSEC_WINNT_AUTH_IDENTITY_OPAQUE) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SspiPrepareForCredRead(PSEC_WINNT_AUTH_IDENTITY_OPAQUE, PCWSTR,
                                                     PULONG, PCWSTR*) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SspiGetCredUIContext(void*, GUID*, void*, void**, void**) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SspiUpdateCredentials(void*, GUID*, ULONG, PUCHAR) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
SECURITY_STATUS SEC_ENTRY epa_SspiUnmarshalCredUIContext(PUCHAR, ULONG, void**) noexcept {
  return SEC_E_UNSUPPORTED_FUNCTION;
}
// These two answer with an error of winerror.h.
ULONG SEC_ENTRY epa_SspiPromptForCredentialsA(const char*, PVOID, ULONG, const char*,
                                              PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
                                              PSEC_WINNT_AUTH_IDENTITY_OPAQUE*, int*,
                                              ULONG) noexcept {
  return static_cast<ULONG>(SEC_E_UNSUPPORTED_FUNCTION);
}
ULONG SEC_ENTRY epa_SspiPromptForCredentialsW(PCWSTR, PVOID, ULONG, PCWSTR,
                                              PSEC_WINNT_AUTH_IDENTITY_OPAQUE,
                                              PSEC_WINNT_AUTH_IDENTITY_OPAQUE*, int*,
                                              ULONG) noexcept {
  return static_cast<ULONG>(SEC_E_UNSUPPORTED_FUNCTION);
}
