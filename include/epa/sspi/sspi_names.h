/* How the functions are declared, and their names without a letter. */
#ifndef EPA_SSPI_SSPI_NAMES_H_
#define EPA_SSPI_SSPI_NAMES_H_

#ifndef SEC_ENTRY
#define SEC_ENTRY
#endif

#ifdef __cplusplus
#define EPA_SSPI_NOEXCEPT noexcept
#else
#define EPA_SSPI_NOEXCEPT
#endif

/* The plain name is another one for the same symbol, not a macro: members of a program's own that
   are called alike keep their names. */
#ifdef EPA_SSPI_NO_PLAIN_NAMES
#define EPA_SSPI_DECLARE(result, name, parameters) \
  result SEC_ENTRY epa_##name parameters EPA_SSPI_NOEXCEPT
#else
#define EPA_SSPI_DECLARE(result, name, parameters)          \
  result SEC_ENTRY epa_##name parameters EPA_SSPI_NOEXCEPT; \
  result SEC_ENTRY name parameters EPA_SSPI_NOEXCEPT __asm__("epa_" #name)

#define FreeCredentialHandle FreeCredentialsHandle

#ifdef UNICODE
#define EnumerateSecurityPackages EnumerateSecurityPackagesW
#define QuerySecurityPackageInfo QuerySecurityPackageInfoW
#define AcquireCredentialsHandle AcquireCredentialsHandleW
#define AddCredentials AddCredentialsW
#define QueryCredentialsAttributes QueryCredentialsAttributesW
#define QueryCredentialsAttributesEx QueryCredentialsAttributesExW
#define SetCredentialsAttributes SetCredentialsAttributesW
#define ChangeAccountPassword ChangeAccountPasswordW
#define InitializeSecurityContext InitializeSecurityContextW
#define QueryContextAttributes QueryContextAttributesW
#define QueryContextAttributesEx QueryContextAttributesExW
#define SetContextAttributes SetContextAttributesW
#define ImportSecurityContext ImportSecurityContextW
#define InitSecurityInterface InitSecurityInterfaceW
#define AddSecurityPackage AddSecurityPackageW
#define DeleteSecurityPackage DeleteSecurityPackageW
#define SaslEnumerateProfiles SaslEnumerateProfilesW
#define SaslGetProfilePackage SaslGetProfilePackageW
#define SaslIdentifyPackage SaslIdentifyPackageW
#define SaslInitializeSecurityContext SaslInitializeSecurityContextW
#define SspiPromptForCredentials SspiPromptForCredentialsW
#define GetUserNameEx GetUserNameExW
#define GetComputerObjectName GetComputerObjectNameW
#define TranslateName TranslateNameW
#else
#define EnumerateSecurityPackages EnumerateSecurityPackagesA
#define QuerySecurityPackageInfo QuerySecurityPackageInfoA
#define AcquireCredentialsHandle AcquireCredentialsHandleA
#define AddCredentials AddCredentialsA
#define QueryCredentialsAttributes QueryCredentialsAttributesA
#define QueryCredentialsAttributesEx QueryCredentialsAttributesExA
#define SetCredentialsAttributes SetCredentialsAttributesA
#define ChangeAccountPassword ChangeAccountPasswordA
#define InitializeSecurityContext InitializeSecurityContextA
#define QueryContextAttributes QueryContextAttributesA
#define QueryContextAttributesEx QueryContextAttributesExA
#define SetContextAttributes SetContextAttributesA
#define ImportSecurityContext ImportSecurityContextA
#define InitSecurityInterface InitSecurityInterfaceA
#define AddSecurityPackage AddSecurityPackageA
#define DeleteSecurityPackage DeleteSecurityPackageA
#define SaslEnumerateProfiles SaslEnumerateProfilesA
#define SaslGetProfilePackage SaslGetProfilePackageA
#define SaslIdentifyPackage SaslIdentifyPackageA
#define SaslInitializeSecurityContext SaslInitializeSecurityContextA
#define SspiPromptForCredentials SspiPromptForCredentialsA
#define GetUserNameEx GetUserNameExA
#define GetComputerObjectName GetComputerObjectNameA
#define TranslateName TranslateNameA
#endif

#endif /* EPA_SSPI_NO_PLAIN_NAMES */

#endif /* EPA_SSPI_SSPI_NAMES_H_ */
