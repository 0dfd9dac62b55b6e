/* The Security Support Provider Interface with the names, values and layouts of Windows' sspi.h,
   over the packages "Negotiate", "Kerberos" and "NTLM". C11 and C++; link libepa-sspi.

   Symbols begin with "epa_", so that WinPR or another implementation may live in the same process;
   macros give the plain names. Define EPA_SSPI_NO_PLAIN_NAMES before including this header to do
   without the macros, and UNICODE for the W functions under the names without a letter.

   Threads: contexts are independent of each other, and credentials may be used by several threads
   at once. Calls that name the same context run one after the other. What differs from Windows is
   in docs/sspi.md. */
#ifndef EPA_SSPI_SSPI_H_
#define EPA_SSPI_SSPI_H_
/* Names are Windows'. NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
#include "epa/sspi/sspi_names.h"
#include "epa/sspi/sspi_structures.h"

#ifndef SEC_ENTRY
#define SEC_ENTRY
#endif

#ifdef __cplusplus
#define EPA_SSPI_NOEXCEPT noexcept
#else
#define EPA_SSPI_NOEXCEPT
#endif

#define SECURITY_ENTRYPOINT_ANSIW "epa_InitSecurityInterfaceW"
#define SECURITY_ENTRYPOINT_ANSIA "epa_InitSecurityInterfaceA"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef void(SEC_ENTRY* SEC_GET_KEY_FN)(void* Arg, void* Principal, ULONG KeyVer, void** Key,
                                        SECURITY_STATUS* Status);

/* All packages in one block, freed with FreeContextBuffer. */
SECURITY_STATUS SEC_ENTRY
epa_EnumerateSecurityPackagesA(PULONG pcPackages, PSecPkgInfoA* ppPackageInfo) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY
epa_EnumerateSecurityPackagesW(PULONG pcPackages, PSecPkgInfoW* ppPackageInfo) EPA_SSPI_NOEXCEPT;

SECURITY_STATUS SEC_ENTRY epa_QuerySecurityPackageInfoA(
    SEC_CHAR* pszPackageName, PSecPkgInfoA* ppPackageInfo) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_QuerySecurityPackageInfoW(
    SEC_WCHAR* pszPackageName, PSecPkgInfoW* ppPackageInfo) EPA_SSPI_NOEXCEPT;

/* `pAuthData`: a SEC_WINNT_AUTH_IDENTITY of any form or an EPA_AUTH_DATA (epa_sspi.h), read before
   the call returns. Null: for a server the keys in /etc/krb5.keytab; a client has no default, for
   Linux has no logon session. `pvLogonId` and both key arguments are null;
   `pszPrincipal` is not looked at. */
SECURITY_STATUS SEC_ENTRY epa_AcquireCredentialsHandleA(
    SEC_CHAR* pszPrincipal, SEC_CHAR* pszPackage, ULONG fCredentialUse, void* pvLogonId,
    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PCredHandle phCredential,
    PTimeStamp ptsExpiry) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_AcquireCredentialsHandleW(
    SEC_WCHAR* pszPrincipal, SEC_WCHAR* pszPackage, ULONG fCredentialUse, void* pvLogonId,
    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PCredHandle phCredential,
    PTimeStamp ptsExpiry) EPA_SSPI_NOEXCEPT;

/* SEC_E_UNSUPPORTED_FUNCTION. */
SECURITY_STATUS SEC_ENTRY epa_AddCredentialsA(PCredHandle hCredentials, SEC_CHAR* pszPrincipal,
                                              SEC_CHAR* pszPackage, ULONG fCredentialUse,
                                              void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                              void* pvGetKeyArgument,
                                              PTimeStamp ptsExpiry) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_AddCredentialsW(PCredHandle hCredentials, SEC_WCHAR* pszPrincipal,
                                              SEC_WCHAR* pszPackage, ULONG fCredentialUse,
                                              void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                              void* pvGetKeyArgument,
                                              PTimeStamp ptsExpiry) EPA_SSPI_NOEXCEPT;

/* Contexts made from the handle go on working. */
SECURITY_STATUS SEC_ENTRY epa_FreeCredentialsHandle(PCredHandle phCredential) EPA_SSPI_NOEXCEPT;

SECURITY_STATUS SEC_ENTRY epa_QueryCredentialsAttributesA(PCredHandle phCredential,
                                                          ULONG ulAttribute,
                                                          void* pBuffer) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_QueryCredentialsAttributesW(PCredHandle phCredential,
                                                          ULONG ulAttribute,
                                                          void* pBuffer) EPA_SSPI_NOEXCEPT;

SECURITY_STATUS SEC_ENTRY epa_QueryCredentialsAttributesExA(PCredHandle phCredential,
                                                            ULONG ulAttribute, void* pBuffer,
                                                            ULONG cbBuffer) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_QueryCredentialsAttributesExW(PCredHandle phCredential,
                                                            ULONG ulAttribute, void* pBuffer,
                                                            ULONG cbBuffer) EPA_SSPI_NOEXCEPT;

/* SEC_E_UNSUPPORTED_FUNCTION: credentials do not change. */
SECURITY_STATUS SEC_ENTRY epa_SetCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                        void* pBuffer,
                                                        ULONG cbBuffer) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_SetCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                        void* pBuffer,
                                                        ULONG cbBuffer) EPA_SSPI_NOEXCEPT;

/* SEC_E_UNSUPPORTED_FUNCTION. */
SECURITY_STATUS SEC_ENTRY epa_ChangeAccountPasswordA(
    SEC_CHAR* pszPackageName, SEC_CHAR* pszDomainName, SEC_CHAR* pszAccountName,
    SEC_CHAR* pszOldPassword, SEC_CHAR* pszNewPassword, BOOLEAN bImpersonating, ULONG dwReserved,
    PSecBufferDesc pOutput) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_ChangeAccountPasswordW(
    SEC_WCHAR* pszPackageName, SEC_WCHAR* pszDomainName, SEC_WCHAR* pszAccountName,
    SEC_WCHAR* pszOldPassword, SEC_WCHAR* pszNewPassword, BOOLEAN bImpersonating, ULONG dwReserved,
    PSecBufferDesc pOutput) EPA_SSPI_NOEXCEPT;

/* The client: one call a message. Blocks while a KDC is asked for a ticket. Channel bindings
   belong into `pInput` of the first call and may be repeated in the others, unchanged. */
SECURITY_STATUS SEC_ENTRY epa_InitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR* pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, PULONG pfContextAttr,
    PTimeStamp ptsExpiry) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_InitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR* pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, PULONG pfContextAttr,
    PTimeStamp ptsExpiry) EPA_SSPI_NOEXCEPT;

/* The server: one call a message. The channel bindings (SECBUFFER_CHANNEL_BINDINGS in `pInput`),
   ASC_REQ_ALLOW_MISSING_BINDINGS and ASC_REQ_PROXY_BINDINGS of the first call decide for the whole
   login. A SECBUFFER_CHANNEL_BINDINGS_RESULT in `pOutput` is filled once the client has proved who
   it is, whether the call succeeds or not. */
SECURITY_STATUS SEC_ENTRY epa_AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                                    PSecBufferDesc pInput, ULONG fContextReq,
                                                    ULONG TargetDataRep, PCtxtHandle phNewContext,
                                                    PSecBufferDesc pOutput, PULONG pfContextAttr,
                                                    PTimeStamp ptsExpiry) EPA_SSPI_NOEXCEPT;

/* SEC_E_UNSUPPORTED_FUNCTION: no package asks for it (SEC_I_COMPLETE_NEEDED). */
SECURITY_STATUS SEC_ENTRY epa_CompleteAuthToken(PCtxtHandle phContext,
                                                PSecBufferDesc pToken) EPA_SSPI_NOEXCEPT;

SECURITY_STATUS SEC_ENTRY epa_DeleteSecurityContext(PCtxtHandle phContext) EPA_SSPI_NOEXCEPT;

/* SEC_E_UNSUPPORTED_FUNCTION: for TLS, which is OpenSSL's here. */
SECURITY_STATUS SEC_ENTRY epa_ApplyControlToken(PCtxtHandle phContext,
                                                PSecBufferDesc pInput) EPA_SSPI_NOEXCEPT;

/* Every pointer in the answer is freed with FreeContextBuffer. */
SECURITY_STATUS SEC_ENTRY epa_QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                      void* pBuffer) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                      void* pBuffer) EPA_SSPI_NOEXCEPT;

/* The same, and SEC_E_BUFFER_TOO_SMALL where the structure does not fit. */
SECURITY_STATUS SEC_ENTRY epa_QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute,
                                                        void* pBuffer,
                                                        ULONG cbBuffer) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute,
                                                        void* pBuffer,
                                                        ULONG cbBuffer) EPA_SSPI_NOEXCEPT;

/* SEC_E_UNSUPPORTED_FUNCTION. */
SECURITY_STATUS SEC_ENTRY epa_SetContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void* pBuffer,
                                                    ULONG cbBuffer) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_SetContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void* pBuffer,
                                                    ULONG cbBuffer) EPA_SSPI_NOEXCEPT;

/* SEC_E_UNSUPPORTED_FUNCTION, all three: Linux has no access tokens. */
SECURITY_STATUS SEC_ENTRY epa_ImpersonateSecurityContext(PCtxtHandle phContext) EPA_SSPI_NOEXCEPT;

SECURITY_STATUS SEC_ENTRY epa_RevertSecurityContext(PCtxtHandle phContext) EPA_SSPI_NOEXCEPT;

SECURITY_STATUS SEC_ENTRY epa_QuerySecurityContextToken(PCtxtHandle phContext,
                                                        void** Token) EPA_SSPI_NOEXCEPT;

/* Messages of one direction are signed, encrypted, verified and decrypted in one order. */
SECURITY_STATUS SEC_ENTRY epa_MakeSignature(PCtxtHandle phContext, ULONG fQOP,
                                            PSecBufferDesc pMessage,
                                            ULONG MessageSeqNo) EPA_SSPI_NOEXCEPT;

SECURITY_STATUS SEC_ENTRY epa_VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                              ULONG MessageSeqNo, PULONG pfQOP) EPA_SSPI_NOEXCEPT;

SECURITY_STATUS SEC_ENTRY epa_EncryptMessage(PCtxtHandle phContext, ULONG fQOP,
                                             PSecBufferDesc pMessage,
                                             ULONG MessageSeqNo) EPA_SSPI_NOEXCEPT;

/* With SECBUFFER_STREAM the SECBUFFER_DATA is pointed into the stream. */
SECURITY_STATUS SEC_ENTRY epa_DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                             ULONG MessageSeqNo, PULONG pfQOP) EPA_SSPI_NOEXCEPT;

/* SEC_E_UNSUPPORTED_FUNCTION, both: a context stays in its process. */
SECURITY_STATUS SEC_ENTRY epa_ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                                    PSecBuffer pPackedContext,
                                                    void** pToken) EPA_SSPI_NOEXCEPT;

SECURITY_STATUS SEC_ENTRY epa_ImportSecurityContextA(SEC_CHAR* pszPackage,
                                                     PSecBuffer pPackedContext, void* Token,
                                                     PCtxtHandle phContext) EPA_SSPI_NOEXCEPT;
SECURITY_STATUS SEC_ENTRY epa_ImportSecurityContextW(SEC_WCHAR* pszPackage,
                                                     PSecBuffer pPackedContext, void* Token,
                                                     PCtxtHandle phContext) EPA_SSPI_NOEXCEPT;

/* Wipes and frees what these functions allocated. Null is nothing to do. */
SECURITY_STATUS SEC_ENTRY epa_FreeContextBuffer(void* pvContextBuffer) EPA_SSPI_NOEXCEPT;

/* Replaces `pBindings->Bindings` by a SEC_CHANNEL_BINDINGS_EX with these flags; frees the former
   block, which is one of QueryContextAttributes. SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS: report,
   refuse nothing. */
SECURITY_STATUS SEC_ENTRY epa_SspiSetChannelBindingFlags(PSecPkgContext_Bindings pBindings,
                                                         ULONG flags) EPA_SSPI_NOEXCEPT;

/* A SEC_WINNT_AUTH_IDENTITY_EX2; the packed credentials are a password. Freed with
   SspiFreeAuthIdentity. */
SECURITY_STATUS SEC_ENTRY epa_SspiEncodeStringsAsAuthIdentity(
    PCWSTR pszUserName, PCWSTR pszDomainName, PCWSTR pszPackedCredentialsString,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity) EPA_SSPI_NOEXCEPT;

/* Wipes and frees what SspiEncodeStringsAsAuthIdentity made. */
void SEC_ENTRY epa_SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) EPA_SSPI_NOEXCEPT;

/* Wipes the names and the password of an identity of any form. */
void SEC_ENTRY epa_SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) EPA_SSPI_NOEXCEPT;

/* The types of the functions above. */

typedef SECURITY_STATUS(SEC_ENTRY* ENUMERATE_SECURITY_PACKAGES_FN_A)(PULONG pcPackages,
                                                                     PSecPkgInfoA* ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY* ENUMERATE_SECURITY_PACKAGES_FN_W)(PULONG pcPackages,
                                                                     PSecPkgInfoW* ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_FN_A)(PCredHandle phCredential,
                                                                      ULONG ulAttribute,
                                                                      void* pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_FN_W)(PCredHandle phCredential,
                                                                      ULONG ulAttribute,
                                                                      void* pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* ACQUIRE_CREDENTIALS_HANDLE_FN_A)(
    SEC_CHAR* pszPrincipal, SEC_CHAR* pszPackage, ULONG fCredentialUse, void* pvLogonId,
    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PCredHandle phCredential,
    PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* ACQUIRE_CREDENTIALS_HANDLE_FN_W)(
    SEC_WCHAR* pszPrincipal, SEC_WCHAR* pszPackage, ULONG fCredentialUse, void* pvLogonId,
    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PCredHandle phCredential,
    PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* FREE_CREDENTIALS_HANDLE_FN)(PCredHandle phCredential);
typedef SECURITY_STATUS(SEC_ENTRY* INITIALIZE_SECURITY_CONTEXT_FN_A)(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR* pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, PULONG pfContextAttr, PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* INITIALIZE_SECURITY_CONTEXT_FN_W)(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR* pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, PULONG pfContextAttr, PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* ACCEPT_SECURITY_CONTEXT_FN)(
    PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput, ULONG fContextReq,
    ULONG TargetDataRep, PCtxtHandle phNewContext, PSecBufferDesc pOutput, PULONG pfContextAttr,
    PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* COMPLETE_AUTH_TOKEN_FN)(PCtxtHandle phContext,
                                                           PSecBufferDesc pToken);
typedef SECURITY_STATUS(SEC_ENTRY* DELETE_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* APPLY_CONTROL_TOKEN_FN)(PCtxtHandle phContext,
                                                           PSecBufferDesc pInput);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_FN_A)(PCtxtHandle phContext,
                                                                  ULONG ulAttribute, void* pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_FN_W)(PCtxtHandle phContext,
                                                                  ULONG ulAttribute, void* pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* IMPERSONATE_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* REVERT_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* MAKE_SIGNATURE_FN)(PCtxtHandle phContext, ULONG fQOP,
                                                      PSecBufferDesc pMessage, ULONG MessageSeqNo);
typedef SECURITY_STATUS(SEC_ENTRY* VERIFY_SIGNATURE_FN)(PCtxtHandle phContext,
                                                        PSecBufferDesc pMessage, ULONG MessageSeqNo,
                                                        PULONG pfQOP);
typedef SECURITY_STATUS(SEC_ENTRY* FREE_CONTEXT_BUFFER_FN)(void* pvContextBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_SECURITY_PACKAGE_INFO_FN_A)(SEC_CHAR* pszPackageName,
                                                                     PSecPkgInfoA* ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_SECURITY_PACKAGE_INFO_FN_W)(SEC_WCHAR* pszPackageName,
                                                                     PSecPkgInfoW* ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY* EXPORT_SECURITY_CONTEXT_FN)(PCtxtHandle phContext, ULONG fFlags,
                                                               PSecBuffer pPackedContext,
                                                               void** pToken);
typedef SECURITY_STATUS(SEC_ENTRY* IMPORT_SECURITY_CONTEXT_FN_A)(SEC_CHAR* pszPackage,
                                                                 PSecBuffer pPackedContext,
                                                                 void* Token,
                                                                 PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* IMPORT_SECURITY_CONTEXT_FN_W)(SEC_WCHAR* pszPackage,
                                                                 PSecBuffer pPackedContext,
                                                                 void* Token,
                                                                 PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* ADD_CREDENTIALS_FN_A)(
    PCredHandle hCredentials, SEC_CHAR* pszPrincipal, SEC_CHAR* pszPackage, ULONG fCredentialUse,
    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* ADD_CREDENTIALS_FN_W)(
    PCredHandle hCredentials, SEC_WCHAR* pszPrincipal, SEC_WCHAR* pszPackage, ULONG fCredentialUse,
    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_SECURITY_CONTEXT_TOKEN_FN)(PCtxtHandle phContext,
                                                                    void** Token);
typedef SECURITY_STATUS(SEC_ENTRY* ENCRYPT_MESSAGE_FN)(PCtxtHandle phContext, ULONG fQOP,
                                                       PSecBufferDesc pMessage, ULONG MessageSeqNo);
typedef SECURITY_STATUS(SEC_ENTRY* DECRYPT_MESSAGE_FN)(PCtxtHandle phContext,
                                                       PSecBufferDesc pMessage, ULONG MessageSeqNo,
                                                       PULONG pfQOP);
typedef SECURITY_STATUS(SEC_ENTRY* SET_CONTEXT_ATTRIBUTES_FN_A)(PCtxtHandle phContext,
                                                                ULONG ulAttribute, void* pBuffer,
                                                                ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* SET_CONTEXT_ATTRIBUTES_FN_W)(PCtxtHandle phContext,
                                                                ULONG ulAttribute, void* pBuffer,
                                                                ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* SET_CREDENTIALS_ATTRIBUTES_FN_A)(PCredHandle phCredential,
                                                                    ULONG ulAttribute,
                                                                    void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* SET_CREDENTIALS_ATTRIBUTES_FN_W)(PCredHandle phCredential,
                                                                    ULONG ulAttribute,
                                                                    void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* CHANGE_PASSWORD_FN_A)(
    SEC_CHAR* pszPackageName, SEC_CHAR* pszDomainName, SEC_CHAR* pszAccountName,
    SEC_CHAR* pszOldPassword, SEC_CHAR* pszNewPassword, BOOLEAN bImpersonating, ULONG dwReserved,
    PSecBufferDesc pOutput);
typedef SECURITY_STATUS(SEC_ENTRY* CHANGE_PASSWORD_FN_W)(
    SEC_WCHAR* pszPackageName, SEC_WCHAR* pszDomainName, SEC_WCHAR* pszAccountName,
    SEC_WCHAR* pszOldPassword, SEC_WCHAR* pszNewPassword, BOOLEAN bImpersonating, ULONG dwReserved,
    PSecBufferDesc pOutput);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_EX_FN_A)(PCtxtHandle phContext,
                                                                     ULONG ulAttribute,
                                                                     void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_EX_FN_W)(PCtxtHandle phContext,
                                                                     ULONG ulAttribute,
                                                                     void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A)(PCredHandle phCredential,
                                                                         ULONG ulAttribute,
                                                                         void* pBuffer,
                                                                         ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W)(PCredHandle phCredential,
                                                                         ULONG ulAttribute,
                                                                         void* pBuffer,
                                                                         ULONG cbBuffer);

/* Versions 1 to 5 added to its end; this is 5. */
typedef struct _SECURITY_FUNCTION_TABLE_A {
  ULONG dwVersion;
  ENUMERATE_SECURITY_PACKAGES_FN_A EnumerateSecurityPackagesA;
  QUERY_CREDENTIALS_ATTRIBUTES_FN_A QueryCredentialsAttributesA;
  ACQUIRE_CREDENTIALS_HANDLE_FN_A AcquireCredentialsHandleA;
  FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
  void* Reserved2;
  INITIALIZE_SECURITY_CONTEXT_FN_A InitializeSecurityContextA;
  ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
  COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
  DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
  APPLY_CONTROL_TOKEN_FN ApplyControlToken;
  QUERY_CONTEXT_ATTRIBUTES_FN_A QueryContextAttributesA;
  IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
  REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
  MAKE_SIGNATURE_FN MakeSignature;
  VERIFY_SIGNATURE_FN VerifySignature;
  FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
  QUERY_SECURITY_PACKAGE_INFO_FN_A QuerySecurityPackageInfoA;
  void* Reserved3;
  void* Reserved4;
  EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
  IMPORT_SECURITY_CONTEXT_FN_A ImportSecurityContextA;
  ADD_CREDENTIALS_FN_A AddCredentialsA;
  void* Reserved8;
  QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
  ENCRYPT_MESSAGE_FN EncryptMessage;
  DECRYPT_MESSAGE_FN DecryptMessage;
  SET_CONTEXT_ATTRIBUTES_FN_A SetContextAttributesA;
  SET_CREDENTIALS_ATTRIBUTES_FN_A SetCredentialsAttributesA;
  CHANGE_PASSWORD_FN_A ChangeAccountPasswordA;
  QUERY_CONTEXT_ATTRIBUTES_EX_FN_A QueryContextAttributesExA;
  QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A QueryCredentialsAttributesExA;
} SecurityFunctionTableA, *PSecurityFunctionTableA;

/* Versions 1 to 5 added to its end; this is 5. */
typedef struct _SECURITY_FUNCTION_TABLE_W {
  ULONG dwVersion;
  ENUMERATE_SECURITY_PACKAGES_FN_W EnumerateSecurityPackagesW;
  QUERY_CREDENTIALS_ATTRIBUTES_FN_W QueryCredentialsAttributesW;
  ACQUIRE_CREDENTIALS_HANDLE_FN_W AcquireCredentialsHandleW;
  FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
  void* Reserved2;
  INITIALIZE_SECURITY_CONTEXT_FN_W InitializeSecurityContextW;
  ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
  COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
  DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
  APPLY_CONTROL_TOKEN_FN ApplyControlToken;
  QUERY_CONTEXT_ATTRIBUTES_FN_W QueryContextAttributesW;
  IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
  REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
  MAKE_SIGNATURE_FN MakeSignature;
  VERIFY_SIGNATURE_FN VerifySignature;
  FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
  QUERY_SECURITY_PACKAGE_INFO_FN_W QuerySecurityPackageInfoW;
  void* Reserved3;
  void* Reserved4;
  EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
  IMPORT_SECURITY_CONTEXT_FN_W ImportSecurityContextW;
  ADD_CREDENTIALS_FN_W AddCredentialsW;
  void* Reserved8;
  QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
  ENCRYPT_MESSAGE_FN EncryptMessage;
  DECRYPT_MESSAGE_FN DecryptMessage;
  SET_CONTEXT_ATTRIBUTES_FN_W SetContextAttributesW;
  SET_CREDENTIALS_ATTRIBUTES_FN_W SetCredentialsAttributesW;
  CHANGE_PASSWORD_FN_W ChangeAccountPasswordW;
  QUERY_CONTEXT_ATTRIBUTES_EX_FN_W QueryContextAttributesExW;
  QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W QueryCredentialsAttributesExW;
} SecurityFunctionTableW, *PSecurityFunctionTableW;

typedef PSecurityFunctionTableA(SEC_ENTRY* INIT_SECURITY_INTERFACE_A)(void);
typedef PSecurityFunctionTableW(SEC_ENTRY* INIT_SECURITY_INTERFACE_W)(void);

/* The table of all functions. It lives as long as the process; programs do not write to it. */
PSecurityFunctionTableA SEC_ENTRY epa_InitSecurityInterfaceA(void) EPA_SSPI_NOEXCEPT;
PSecurityFunctionTableW SEC_ENTRY epa_InitSecurityInterfaceW(void) EPA_SSPI_NOEXCEPT;

#pragma GCC visibility pop
#ifdef __cplusplus
} /* extern "C" */
#endif

#ifdef UNICODE
typedef SecurityFunctionTableW SecurityFunctionTable;
typedef PSecurityFunctionTableW PSecurityFunctionTable;
typedef INIT_SECURITY_INTERFACE_W INIT_SECURITY_INTERFACE;
#define SECURITY_ENTRYPOINT_ANSI SECURITY_ENTRYPOINT_ANSIW
#else
typedef SecurityFunctionTableA SecurityFunctionTable;
typedef PSecurityFunctionTableA PSecurityFunctionTable;
typedef INIT_SECURITY_INTERFACE_A INIT_SECURITY_INTERFACE;
#define SECURITY_ENTRYPOINT_ANSI SECURITY_ENTRYPOINT_ANSIA
#endif
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */
#endif /* EPA_SSPI_SSPI_H_ */
