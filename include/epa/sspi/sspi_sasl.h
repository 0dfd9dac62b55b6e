/* Windows' SASL functions, part of epa/sspi/sspi.h. SEC_E_UNSUPPORTED_FUNCTION, all of them: SASL
   is epa/sasl's here. */
#ifndef EPA_SSPI_SSPI_SASL_H_
#define EPA_SSPI_SSPI_SASL_H_
/* Names are Windows'. NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
#include "epa/sspi/sspi_names.h"
#include "epa/sspi/sspi_structures.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

EPA_SSPI_DECLARE(SECURITY_STATUS, SaslEnumerateProfilesA,
                 (SEC_CHAR * *ProfileList, PULONG ProfileCount));
EPA_SSPI_DECLARE(SECURITY_STATUS, SaslGetProfilePackageA,
                 (SEC_CHAR * ProfileName, PSecPkgInfoA* PackageInfo));
EPA_SSPI_DECLARE(SECURITY_STATUS, SaslIdentifyPackageA,
                 (PSecBufferDesc pInput, PSecPkgInfoA* PackageInfo));
EPA_SSPI_DECLARE(SECURITY_STATUS, SaslInitializeSecurityContextA,
                 (PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR* pszTargetName,
                  ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput,
                  ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                  PULONG pfContextAttr, PTimeStamp ptsExpiry));
EPA_SSPI_DECLARE(SECURITY_STATUS, SaslEnumerateProfilesW,
                 (SEC_WCHAR * *ProfileList, PULONG ProfileCount));
EPA_SSPI_DECLARE(SECURITY_STATUS, SaslGetProfilePackageW,
                 (SEC_WCHAR * ProfileName, PSecPkgInfoW* PackageInfo));
EPA_SSPI_DECLARE(SECURITY_STATUS, SaslIdentifyPackageW,
                 (PSecBufferDesc pInput, PSecPkgInfoW* PackageInfo));
EPA_SSPI_DECLARE(SECURITY_STATUS, SaslInitializeSecurityContextW,
                 (PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR* pszTargetName,
                  ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput,
                  ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                  PULONG pfContextAttr, PTimeStamp ptsExpiry));
EPA_SSPI_DECLARE(SECURITY_STATUS, SaslAcceptSecurityContext,
                 (PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput,
                  ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
                  PSecBufferDesc pOutput, PULONG pfContextAttr, PTimeStamp ptsExpiry));
EPA_SSPI_DECLARE(SECURITY_STATUS, SaslSetContextOption,
                 (PCtxtHandle ContextHandle, ULONG Option, PVOID Value, ULONG Size));
EPA_SSPI_DECLARE(SECURITY_STATUS, SaslGetContextOption,
                 (PCtxtHandle ContextHandle, ULONG Option, PVOID Value, ULONG Size, PULONG Needed));

#pragma GCC visibility pop
#ifdef __cplusplus
} /* extern "C" */
#endif
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */
#endif /* EPA_SSPI_SSPI_SASL_H_ */
