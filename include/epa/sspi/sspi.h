/* The Security Support Provider Interface with the names, values and layouts of Windows' sspi.h,
   over the packages "Negotiate", "Kerberos" and "NTLM". C11 and C++; link libepa-sspi.

   Symbols begin with "epa_", so that WinPR or another implementation may live in the same process;
   the plain names are declared for the same symbols. Define EPA_SSPI_NO_PLAIN_NAMES before
   including this header to do without them, and UNICODE for the W functions under the names without
   a letter. libepa-secur32 has the symbols under their plain names, for programs that look them up.

   Threads: contexts are independent of each other, and credentials may be used by several threads
   at once. Calls that name the same context run one after the other. What differs from Windows is
   in docs/sspi.md. */
#ifndef EPA_SSPI_SSPI_H_
#define EPA_SSPI_SSPI_H_
/* Names are Windows'. NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
#include "epa/sspi/sspi_names.h"
#include "epa/sspi/sspi_structures.h"

/* What programs look up in libepa-secur32, or in a plug-in. */
#define SECURITY_ENTRYPOINTW EPA_SSPI_WIDE_("InitSecurityInterfaceW")
#define SECURITY_ENTRYPOINTA "InitSecurityInterfaceA"
#define SECURITY_ENTRYPOINT_ANSIW "InitSecurityInterfaceW"
#define SECURITY_ENTRYPOINT_ANSIA "InitSecurityInterfaceA"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef void(SEC_ENTRY* SEC_GET_KEY_FN)(void* Arg, void* Principal, ULONG KeyVer, void** Key,
                                        SECURITY_STATUS* Status);

/* All packages in one block, freed with FreeContextBuffer. */
EPA_SSPI_DECLARE(SECURITY_STATUS, EnumerateSecurityPackagesA,
                 (PULONG pcPackages, PSecPkgInfoA* ppPackageInfo));
EPA_SSPI_DECLARE(SECURITY_STATUS, EnumerateSecurityPackagesW,
                 (PULONG pcPackages, PSecPkgInfoW* ppPackageInfo));

EPA_SSPI_DECLARE(SECURITY_STATUS, QuerySecurityPackageInfoA,
                 (SEC_CHAR * pszPackageName, PSecPkgInfoA* ppPackageInfo));
EPA_SSPI_DECLARE(SECURITY_STATUS, QuerySecurityPackageInfoW,
                 (SEC_WCHAR * pszPackageName, PSecPkgInfoW* ppPackageInfo));

/* Makes the packages of a plug-in (docs/providers.md) known in the whole process, besides our own,
   whose names they cannot take. `pszPackageName`: its path, with a slash. `pOptions`: null, or
   without flags and signature. SEC_E_CANNOT_INSTALL where it cannot be loaded or brings no package.
 */
EPA_SSPI_DECLARE(SECURITY_STATUS, AddSecurityPackageA,
                 (SEC_CHAR * pszPackageName, PSECURITY_PACKAGE_OPTIONS pOptions));
EPA_SSPI_DECLARE(SECURITY_STATUS, AddSecurityPackageW,
                 (SEC_WCHAR * pszPackageName, PSECURITY_PACKAGE_OPTIONS pOptions));

/* Forgets them; credentials that exist go on working. SEC_E_SECPKG_NOT_FOUND for a path that was
   not added. */
EPA_SSPI_DECLARE(SECURITY_STATUS, DeleteSecurityPackageA, (SEC_CHAR * pszPackageName));
EPA_SSPI_DECLARE(SECURITY_STATUS, DeleteSecurityPackageW, (SEC_WCHAR * pszPackageName));

/* `pAuthData`: a SEC_WINNT_AUTH_IDENTITY of any form or an EPA_AUTH_DATA (epa_sspi.h), read before
   the call returns. Null: what epa_SetDefaultAuthData or the configuration file says
   (docs/sspi.md), else for a server the keys in /etc/krb5.keytab and for a client the default
   credential cache. With SECPKG_CRED_BOTH a half that nothing was given for may stay empty and
   fails when it is used. `pvLogonId` and both key arguments are null; `pszPrincipal` is not looked
   at. */
EPA_SSPI_DECLARE(SECURITY_STATUS, AcquireCredentialsHandleA,
                 (SEC_CHAR * pszPrincipal, SEC_CHAR* pszPackage, ULONG fCredentialUse,
                  void* pvLogonId, void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                  void* pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry));
EPA_SSPI_DECLARE(SECURITY_STATUS, AcquireCredentialsHandleW,
                 (SEC_WCHAR * pszPrincipal, SEC_WCHAR* pszPackage, ULONG fCredentialUse,
                  void* pvLogonId, void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                  void* pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry));

/* SEC_E_UNSUPPORTED_FUNCTION. */
EPA_SSPI_DECLARE(SECURITY_STATUS, AddCredentialsA,
                 (PCredHandle hCredentials, SEC_CHAR* pszPrincipal, SEC_CHAR* pszPackage,
                  ULONG fCredentialUse, void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                  void* pvGetKeyArgument, PTimeStamp ptsExpiry));
EPA_SSPI_DECLARE(SECURITY_STATUS, AddCredentialsW,
                 (PCredHandle hCredentials, SEC_WCHAR* pszPrincipal, SEC_WCHAR* pszPackage,
                  ULONG fCredentialUse, void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                  void* pvGetKeyArgument, PTimeStamp ptsExpiry));

/* Contexts made from the handle go on working. */
EPA_SSPI_DECLARE(SECURITY_STATUS, FreeCredentialsHandle, (PCredHandle phCredential));

EPA_SSPI_DECLARE(SECURITY_STATUS, QueryCredentialsAttributesA,
                 (PCredHandle phCredential, ULONG ulAttribute, void* pBuffer));
EPA_SSPI_DECLARE(SECURITY_STATUS, QueryCredentialsAttributesW,
                 (PCredHandle phCredential, ULONG ulAttribute, void* pBuffer));

EPA_SSPI_DECLARE(SECURITY_STATUS, QueryCredentialsAttributesExA,
                 (PCredHandle phCredential, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer));
EPA_SSPI_DECLARE(SECURITY_STATUS, QueryCredentialsAttributesExW,
                 (PCredHandle phCredential, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer));

/* SEC_E_UNSUPPORTED_FUNCTION: credentials do not change. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SetCredentialsAttributesA,
                 (PCredHandle phCredential, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer));
EPA_SSPI_DECLARE(SECURITY_STATUS, SetCredentialsAttributesW,
                 (PCredHandle phCredential, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer));

/* SEC_E_UNSUPPORTED_FUNCTION. */
EPA_SSPI_DECLARE(SECURITY_STATUS, ChangeAccountPasswordA,
                 (SEC_CHAR * pszPackageName, SEC_CHAR* pszDomainName, SEC_CHAR* pszAccountName,
                  SEC_CHAR* pszOldPassword, SEC_CHAR* pszNewPassword, BOOLEAN bImpersonating,
                  ULONG dwReserved, PSecBufferDesc pOutput));
EPA_SSPI_DECLARE(SECURITY_STATUS, ChangeAccountPasswordW,
                 (SEC_WCHAR * pszPackageName, SEC_WCHAR* pszDomainName, SEC_WCHAR* pszAccountName,
                  SEC_WCHAR* pszOldPassword, SEC_WCHAR* pszNewPassword, BOOLEAN bImpersonating,
                  ULONG dwReserved, PSecBufferDesc pOutput));

/* The client: one call a message. Blocks while a KDC is asked for a ticket. Channel bindings
   in `pInput` are taken when they first come, and may be repeated in later calls, unchanged: NTLM
   sends them with its answer to the challenge, Kerberos with its first message. */
EPA_SSPI_DECLARE(SECURITY_STATUS, InitializeSecurityContextA,
                 (PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR* pszTargetName,
                  ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput,
                  ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                  PULONG pfContextAttr, PTimeStamp ptsExpiry));
EPA_SSPI_DECLARE(SECURITY_STATUS, InitializeSecurityContextW,
                 (PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR* pszTargetName,
                  ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput,
                  ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                  PULONG pfContextAttr, PTimeStamp ptsExpiry));

/* The server: one call a message. The channel bindings (SECBUFFER_CHANNEL_BINDINGS in `pInput`),
   ASC_REQ_ALLOW_MISSING_BINDINGS and ASC_REQ_PROXY_BINDINGS of the first call decide for the whole
   login. A SECBUFFER_CHANNEL_BINDINGS_RESULT in `pOutput` is filled once the client has proved who
   it is, whether the call succeeds or not. */
EPA_SSPI_DECLARE(SECURITY_STATUS, AcceptSecurityContext,
                 (PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput,
                  ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
                  PSecBufferDesc pOutput, PULONG pfContextAttr, PTimeStamp ptsExpiry));

/* SEC_E_UNSUPPORTED_FUNCTION: no package asks for it (SEC_I_COMPLETE_NEEDED). */
EPA_SSPI_DECLARE(SECURITY_STATUS, CompleteAuthToken,
                 (PCtxtHandle phContext, PSecBufferDesc pToken));

EPA_SSPI_DECLARE(SECURITY_STATUS, DeleteSecurityContext, (PCtxtHandle phContext));

/* SEC_E_UNSUPPORTED_FUNCTION: for TLS, which is OpenSSL's here. */
EPA_SSPI_DECLARE(SECURITY_STATUS, ApplyControlToken,
                 (PCtxtHandle phContext, PSecBufferDesc pInput));

/* Every pointer in the answer is freed with FreeContextBuffer. */
EPA_SSPI_DECLARE(SECURITY_STATUS, QueryContextAttributesA,
                 (PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer));
EPA_SSPI_DECLARE(SECURITY_STATUS, QueryContextAttributesW,
                 (PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer));

/* The same, and SEC_E_BUFFER_TOO_SMALL where the structure does not fit. */
EPA_SSPI_DECLARE(SECURITY_STATUS, QueryContextAttributesExA,
                 (PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer));
EPA_SSPI_DECLARE(SECURITY_STATUS, QueryContextAttributesExW,
                 (PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer));

/* SEC_E_UNSUPPORTED_FUNCTION. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SetContextAttributesA,
                 (PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer));
EPA_SSPI_DECLARE(SECURITY_STATUS, SetContextAttributesW,
                 (PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer));

/* SEC_E_UNSUPPORTED_FUNCTION. */
EPA_SSPI_DECLARE(SECURITY_STATUS, DelegateSecurityContext,
                 (PCtxtHandle phContext, SEC_CHAR* pszTarget, SecDelegationType DelegationType,
                  PTimeStamp pExpiry, PSecBuffer pPackageParameters, PSecBufferDesc pOutput));

/* SEC_E_UNSUPPORTED_FUNCTION, all three: Linux has no access tokens. */
EPA_SSPI_DECLARE(SECURITY_STATUS, ImpersonateSecurityContext, (PCtxtHandle phContext));

EPA_SSPI_DECLARE(SECURITY_STATUS, RevertSecurityContext, (PCtxtHandle phContext));

EPA_SSPI_DECLARE(SECURITY_STATUS, QuerySecurityContextToken, (PCtxtHandle phContext, void** Token));

/* Messages of one direction are signed, encrypted, verified and decrypted in one order. */
EPA_SSPI_DECLARE(SECURITY_STATUS, MakeSignature,
                 (PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage, ULONG MessageSeqNo));

EPA_SSPI_DECLARE(SECURITY_STATUS, VerifySignature,
                 (PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG MessageSeqNo,
                  PULONG pfQOP));

EPA_SSPI_DECLARE(SECURITY_STATUS, EncryptMessage,
                 (PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage, ULONG MessageSeqNo));

/* With SECBUFFER_STREAM the SECBUFFER_DATA is pointed into the stream. */
EPA_SSPI_DECLARE(SECURITY_STATUS, DecryptMessage,
                 (PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG MessageSeqNo,
                  PULONG pfQOP));

/* SEC_E_UNSUPPORTED_FUNCTION, both: a context stays in its process. */
EPA_SSPI_DECLARE(SECURITY_STATUS, ExportSecurityContext,
                 (PCtxtHandle phContext, ULONG fFlags, PSecBuffer pPackedContext, void** pToken));

EPA_SSPI_DECLARE(SECURITY_STATUS, ImportSecurityContextA,
                 (SEC_CHAR * pszPackage, PSecBuffer pPackedContext, void* Token,
                  PCtxtHandle phContext));
EPA_SSPI_DECLARE(SECURITY_STATUS, ImportSecurityContextW,
                 (SEC_WCHAR * pszPackage, PSecBuffer pPackedContext, void* Token,
                  PCtxtHandle phContext));

/* Wipes and frees what these functions allocated. Null is nothing to do. */
EPA_SSPI_DECLARE(SECURITY_STATUS, FreeContextBuffer, (void* pvContextBuffer));

/* Replaces `pBindings->Bindings` by a SEC_CHANNEL_BINDINGS_EX with these flags; frees the former
   block, which is one of QueryContextAttributes. SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS: report,
   refuse nothing. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiSetChannelBindingFlags,
                 (PSecPkgContext_Bindings pBindings, ULONG flags));

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
EPA_SSPI_DECLARE(PSecurityFunctionTableA, InitSecurityInterfaceA, (void));
EPA_SSPI_DECLARE(PSecurityFunctionTableW, InitSecurityInterfaceW, (void));

#pragma GCC visibility pop
#ifdef __cplusplus
} /* extern "C" */
#endif

/* The rest of Windows' header. */
#include "epa/sspi/sspi_identity.h"
#include "epa/sspi/sspi_sasl.h"

#ifdef UNICODE
typedef SecurityFunctionTableW SecurityFunctionTable;
typedef PSecurityFunctionTableW PSecurityFunctionTable;
typedef INIT_SECURITY_INTERFACE_W INIT_SECURITY_INTERFACE;
typedef ENUMERATE_SECURITY_PACKAGES_FN_W ENUMERATE_SECURITY_PACKAGES_FN;
typedef QUERY_CREDENTIALS_ATTRIBUTES_FN_W QUERY_CREDENTIALS_ATTRIBUTES_FN;
typedef ACQUIRE_CREDENTIALS_HANDLE_FN_W ACQUIRE_CREDENTIALS_HANDLE_FN;
typedef INITIALIZE_SECURITY_CONTEXT_FN_W INITIALIZE_SECURITY_CONTEXT_FN;
typedef QUERY_CONTEXT_ATTRIBUTES_FN_W QUERY_CONTEXT_ATTRIBUTES_FN;
typedef QUERY_SECURITY_PACKAGE_INFO_FN_W QUERY_SECURITY_PACKAGE_INFO_FN;
typedef IMPORT_SECURITY_CONTEXT_FN_W IMPORT_SECURITY_CONTEXT_FN;
typedef ADD_CREDENTIALS_FN_W ADD_CREDENTIALS_FN;
typedef SET_CONTEXT_ATTRIBUTES_FN_W SET_CONTEXT_ATTRIBUTES_FN;
typedef SET_CREDENTIALS_ATTRIBUTES_FN_W SET_CREDENTIALS_ATTRIBUTES_FN;
typedef CHANGE_PASSWORD_FN_W CHANGE_PASSWORD_FN;
typedef QUERY_CONTEXT_ATTRIBUTES_EX_FN_W QUERY_CONTEXT_ATTRIBUTES_EX_FN;
typedef QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W QUERY_CREDENTIALS_ATTRIBUTES_EX_FN;
#define SECURITY_ENTRYPOINT SECURITY_ENTRYPOINTW
#define SECURITY_ENTRYPOINT_ANSI SECURITY_ENTRYPOINT_ANSIW
#else
typedef SecurityFunctionTableA SecurityFunctionTable;
typedef PSecurityFunctionTableA PSecurityFunctionTable;
typedef INIT_SECURITY_INTERFACE_A INIT_SECURITY_INTERFACE;
typedef ENUMERATE_SECURITY_PACKAGES_FN_A ENUMERATE_SECURITY_PACKAGES_FN;
typedef QUERY_CREDENTIALS_ATTRIBUTES_FN_A QUERY_CREDENTIALS_ATTRIBUTES_FN;
typedef ACQUIRE_CREDENTIALS_HANDLE_FN_A ACQUIRE_CREDENTIALS_HANDLE_FN;
typedef INITIALIZE_SECURITY_CONTEXT_FN_A INITIALIZE_SECURITY_CONTEXT_FN;
typedef QUERY_CONTEXT_ATTRIBUTES_FN_A QUERY_CONTEXT_ATTRIBUTES_FN;
typedef QUERY_SECURITY_PACKAGE_INFO_FN_A QUERY_SECURITY_PACKAGE_INFO_FN;
typedef IMPORT_SECURITY_CONTEXT_FN_A IMPORT_SECURITY_CONTEXT_FN;
typedef ADD_CREDENTIALS_FN_A ADD_CREDENTIALS_FN;
typedef SET_CONTEXT_ATTRIBUTES_FN_A SET_CONTEXT_ATTRIBUTES_FN;
typedef SET_CREDENTIALS_ATTRIBUTES_FN_A SET_CREDENTIALS_ATTRIBUTES_FN;
typedef CHANGE_PASSWORD_FN_A CHANGE_PASSWORD_FN;
typedef QUERY_CONTEXT_ATTRIBUTES_EX_FN_A QUERY_CONTEXT_ATTRIBUTES_EX_FN;
typedef QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A QUERY_CREDENTIALS_ATTRIBUTES_EX_FN;
#define SECURITY_ENTRYPOINT SECURITY_ENTRYPOINTA
#define SECURITY_ENTRYPOINT_ANSI SECURITY_ENTRYPOINT_ANSIA
#endif
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */
#endif /* EPA_SSPI_SSPI_H_ */
