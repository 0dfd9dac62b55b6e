/* Identities that a program builds, compares and stores without knowing their layout. Part of
   epa/sspi/sspi.h. "An identity" is any form that AcquireCredentialsHandle takes from Windows. */
#ifndef EPA_SSPI_SSPI_IDENTITY_H_
#define EPA_SSPI_SSPI_IDENTITY_H_
/* Names are Windows'. NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
#include "epa/sspi/sspi_names.h"
#include "epa/sspi/sspi_structures.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* A SEC_WINNT_AUTH_IDENTITY_EX2; the packed credentials are a password. A null part stays null; not
   all may be. Freed with SspiFreeAuthIdentity. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiEncodeStringsAsAuthIdentity,
                 (PCWSTR pszUserName, PCWSTR pszDomainName, PCWSTR pszPackedCredentialsString,
                  PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity));

/* Wipes and frees what SspiEncodeStringsAsAuthIdentity made. */
EPA_SSPI_DECLARE(void, SspiFreeAuthIdentity, (PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData));

/* Wipes the names and the password of an identity of any form. */
EPA_SSPI_DECLARE(void, SspiZeroAuthIdentity, (PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData));

/* The other way; a part that the identity does not have is null. Each is freed with
   SspiLocalFree. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiEncodeAuthIdentityAsStrings,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity, PCWSTR* ppszUserName,
                  PCWSTR* ppszDomainName, PCWSTR* ppszPackedCredentialsString));

/* Wipes and frees what the functions of this header gave as strings or octets. */
EPA_SSPI_DECLARE(void, SspiLocalFree, (PVOID DataBuffer));

/* SEC_E_OK where AcquireCredentialsHandle would take it, SEC_E_UNKNOWN_CREDENTIALS for another. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiValidateAuthIdentity,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData));

/* All three make an EX2 of any form, freed with SspiFreeAuthIdentity. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiCopyAuthIdentity,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData,
                  PSEC_WINNT_AUTH_IDENTITY_OPAQUE* AuthDataCopy));
/* ... without what package credentials need of `pszPackageName`: it joins the package list with a
   '!'. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiExcludePackage,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszPackageName,
                  PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppNewAuthIdentity));
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiUnmarshalAuthIdentity,
                 (ULONG AuthIdentityLength, char* AuthIdentityByteArray,
                  PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity));

/* The octets of an EX2, freed with SspiLocalFree. They hold the password in clear. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiMarshalAuthIdentity,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, ULONG* AuthIdentityLength,
                  char** AuthIdentityByteArray));

/* Two identities without regard to case: whether user and domain, and whether the user of either
   form, `DOMAIN\user` or two parts, are the same. Either answer may be null. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiCompareAuthIdentities,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity1,
                  PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity2, BOOLEAN* SameSuppliedUser,
                  BOOLEAN* SameSuppliedIdentity));

/* What a credential manager stores of a password: the target ("DOMAIN\user" where none is given),
   the user and the password's UTF-16. Each is freed with SspiLocalFree. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiPrepareForCredWrite,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszTargetName,
                  PULONG pCredmanCredentialType, PCWSTR* ppszCredmanTargetName,
                  PCWSTR* ppszCredmanUserName, PUCHAR* ppCredentialBlob,
                  PULONG pCredentialBlobSize));

/* Whether a flag says that parts are encrypted. Such identities are of no use on Linux. */
EPA_SSPI_DECLARE(BOOLEAN, SspiIsAuthIdentityEncrypted,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData));

/* Whether the status of a login says that another password might help. */
EPA_SSPI_DECLARE(BOOLEAN, SspiIsPromptingNeeded, (ULONG ErrorOrNtStatus));

/* "www.example.com" of "HTTP/www.example.com:80". Freed with SspiLocalFree. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiGetTargetHostName,
                 (PCWSTR pszTargetName, PWSTR* pszHostName));

/* The rest is SEC_E_UNSUPPORTED_FUNCTION: Linux has no credential manager, no system's key for
   identities and no credential dialog. */
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiEncryptAuthIdentity,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData));
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiEncryptAuthIdentityEx,
                 (ULONG Options, PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData));
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiDecryptAuthIdentity,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData));
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiDecryptAuthIdentityEx,
                 (ULONG Options, PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData));
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiPrepareForCredRead,
                 (PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszTargetName,
                  PULONG pCredmanCredentialType, PCWSTR* ppszCredmanTargetName));
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiGetCredUIContext,
                 (void* ContextHandle, GUID* CredType, void* LogonId, void** CredUIContexts,
                  void** TokenHandle));
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiUpdateCredentials,
                 (void* ContextHandle, GUID* CredType, ULONG FlatCredUIContextLength,
                  PUCHAR FlatCredUIContext));
EPA_SSPI_DECLARE(SECURITY_STATUS, SspiUnmarshalCredUIContext,
                 (PUCHAR MarshaledCredUIContext, ULONG MarshaledCredUIContextLength,
                  void** CredUIContext));
EPA_SSPI_DECLARE(ULONG, SspiPromptForCredentialsA,
                 (const char* pszTargetName, PVOID pUiInfo, ULONG dwAuthError,
                  const char* pszPackage, PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity,
                  PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity, int* pfSave, ULONG dwFlags));
EPA_SSPI_DECLARE(ULONG, SspiPromptForCredentialsW,
                 (PCWSTR pszTargetName, PVOID pUiInfo, ULONG dwAuthError, PCWSTR pszPackage,
                  PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity,
                  PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity, int* pfSave, ULONG dwFlags));

#pragma GCC visibility pop
#ifdef __cplusplus
} /* extern "C" */
#endif
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */
#endif /* EPA_SSPI_SSPI_IDENTITY_H_ */
