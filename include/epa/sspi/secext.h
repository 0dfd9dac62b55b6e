/* Names of users and computers: Windows' secext.h. Like Windows' functions they answer with a
   BOOLEAN; the error of a failure is in errno, as GetLastError of <epa/windows/windows.h> returns
   it. */
#ifndef EPA_SSPI_SECEXT_H_
#define EPA_SSPI_SECEXT_H_
/* Names are Windows'. NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
#include "epa/sspi/sspi_names.h"
#include "epa/sspi/sspi_structures.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef enum {
  NameUnknown = 0,
  NameFullyQualifiedDN = 1,
  NameSamCompatible = 2,
  NameDisplay = 3,
  NameUniqueId = 6,
  NameCanonical = 7,
  NameUserPrincipal = 8,
  NameCanonicalEx = 9,
  NameServicePrincipal = 10,
  NameDnsDomain = 12,
  NameGivenName = 13,
  NameSurname = 14
} EXTENDED_NAME_FORMAT,
    *PEXTENDED_NAME_FORMAT;

/* winerror.h, [MS-ERREF] 2.2 */
#define ERROR_INVALID_PARAMETER 87
#define ERROR_MORE_DATA 234
#define ERROR_NO_SUCH_USER 1317
#define ERROR_NONE_MAPPED 1332

/* The user that this process runs as. NameSamCompatible: "HOST\user"; NameDisplay: the name in the
   password file; with a default credential cache NameUserPrincipal: "user@REALM", and
   NameDnsDomain: "REALM\user". Others are ERROR_NONE_MAPPED. `nSize` counts characters with the
   terminator; too few are ERROR_MORE_DATA, and it says what is needed. */
EPA_SSPI_DECLARE(BOOLEAN, GetUserNameExA,
                 (EXTENDED_NAME_FORMAT NameFormat, SEC_CHAR* lpNameBuffer, PULONG nSize));
EPA_SSPI_DECLARE(BOOLEAN, GetUserNameExW,
                 (EXTENDED_NAME_FORMAT NameFormat, SEC_WCHAR* lpNameBuffer, PULONG nSize));

/* ERROR_NONE_MAPPED: only a directory knows. */
EPA_SSPI_DECLARE(BOOLEAN, GetComputerObjectNameA,
                 (EXTENDED_NAME_FORMAT NameFormat, SEC_CHAR* lpNameBuffer, PULONG nSize));
EPA_SSPI_DECLARE(BOOLEAN, GetComputerObjectNameW,
                 (EXTENDED_NAME_FORMAT NameFormat, SEC_WCHAR* lpNameBuffer, PULONG nSize));
EPA_SSPI_DECLARE(BOOLEAN, TranslateNameA,
                 (const SEC_CHAR* lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                  EXTENDED_NAME_FORMAT DesiredNameFormat, SEC_CHAR* lpTranslatedName,
                  PULONG nSize));
EPA_SSPI_DECLARE(BOOLEAN, TranslateNameW,
                 (const SEC_WCHAR* lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                  EXTENDED_NAME_FORMAT DesiredNameFormat, SEC_WCHAR* lpTranslatedName,
                  PULONG nSize));

#pragma GCC visibility pop
#ifdef __cplusplus
} /* extern "C" */
#endif
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */
#endif /* EPA_SSPI_SECEXT_H_ */
