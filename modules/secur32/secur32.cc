// The functions of libepa-sspi under the names that programs look up in secur32.dll and
// sspicli.dll.
#define EPA_SSPI_NO_PLAIN_NAMES

#include <cstdlib>
#include <mutex>
#include <tuple>

#include "epa/sspi/epa_sspi.h"
#include "epa/sspi/secext.h"

#define EPA_EXPORT __attribute__((visibility("default")))

namespace {

template <typename Function>
struct Signature;
template <typename R, typename... P>
struct Signature<R (*)(P...) noexcept> {
  using Result = R;
  using Parameters = std::tuple<P...>;
};
template <auto function>
using Result = typename Signature<decltype(function)>::Result;
template <auto function, size_t index>
using Parameter = std::tuple_element_t<index, typename Signature<decltype(function)>::Parameters>;

// A program that looks its functions up was written for a system with a logon session. The users of
// this one expect theirs where Kerberos' own programs find it; what they set goes before the
// configuration file, and after what the program itself says.
void UseEnvironment() {
  static std::once_flag once;
  std::call_once(once, [] {
    EPA_AUTH_DATA data{};
    data.Version = EPA_AUTH_DATA_VERSION;
    data.Length = sizeof(data);
    data.CredentialCache = secure_getenv("KRB5CCNAME");
    data.Krb5Conf = secure_getenv("KRB5_CONFIG");
    if (data.CredentialCache != nullptr || data.Krb5Conf != nullptr) {
      epa_SetDefaultAuthData(SECPKG_CRED_OUTBOUND | SECPKG_CRED_DEFAULT, &data);
    }
  });
}

}  // namespace

#define EPA_FORWARD_1(Name)                                                               \
  extern "C" EPA_EXPORT Result<&epa_##Name> Name(Parameter<&epa_##Name, 0> p0) noexcept { \
    return epa_##Name(p0);                                                                \
  }
#define EPA_FORWARD_2(Name)                                                               \
  extern "C" EPA_EXPORT Result<&epa_##Name> Name(Parameter<&epa_##Name, 0> p0,            \
                                                 Parameter<&epa_##Name, 1> p1) noexcept { \
    return epa_##Name(p0, p1);                                                            \
  }
#define EPA_FORWARD_3(Name)                                                               \
  extern "C" EPA_EXPORT Result<&epa_##Name> Name(Parameter<&epa_##Name, 0> p0,            \
                                                 Parameter<&epa_##Name, 1> p1,            \
                                                 Parameter<&epa_##Name, 2> p2) noexcept { \
    return epa_##Name(p0, p1, p2);                                                        \
  }
#define EPA_FORWARD_4(Name)                                                                     \
  extern "C" EPA_EXPORT Result<&epa_##Name> Name(                                               \
      Parameter<&epa_##Name, 0> p0, Parameter<&epa_##Name, 1> p1, Parameter<&epa_##Name, 2> p2, \
      Parameter<&epa_##Name, 3> p3) noexcept {                                                  \
    return epa_##Name(p0, p1, p2, p3);                                                          \
  }
#define EPA_FORWARD_5(Name)                                                                     \
  extern "C" EPA_EXPORT Result<&epa_##Name> Name(                                               \
      Parameter<&epa_##Name, 0> p0, Parameter<&epa_##Name, 1> p1, Parameter<&epa_##Name, 2> p2, \
      Parameter<&epa_##Name, 3> p3, Parameter<&epa_##Name, 4> p4) noexcept {                    \
    return epa_##Name(p0, p1, p2, p3, p4);                                                      \
  }
#define EPA_FORWARD_6(Name)                                                                     \
  extern "C" EPA_EXPORT Result<&epa_##Name> Name(                                               \
      Parameter<&epa_##Name, 0> p0, Parameter<&epa_##Name, 1> p1, Parameter<&epa_##Name, 2> p2, \
      Parameter<&epa_##Name, 3> p3, Parameter<&epa_##Name, 4> p4,                               \
      Parameter<&epa_##Name, 5> p5) noexcept {                                                  \
    return epa_##Name(p0, p1, p2, p3, p4, p5);                                                  \
  }
#define EPA_FORWARD_7(Name)                                                                     \
  extern "C" EPA_EXPORT Result<&epa_##Name> Name(                                               \
      Parameter<&epa_##Name, 0> p0, Parameter<&epa_##Name, 1> p1, Parameter<&epa_##Name, 2> p2, \
      Parameter<&epa_##Name, 3> p3, Parameter<&epa_##Name, 4> p4, Parameter<&epa_##Name, 5> p5, \
      Parameter<&epa_##Name, 6> p6) noexcept {                                                  \
    return epa_##Name(p0, p1, p2, p3, p4, p5, p6);                                              \
  }
#define EPA_FORWARD_8(Name)                                                                     \
  extern "C" EPA_EXPORT Result<&epa_##Name> Name(                                               \
      Parameter<&epa_##Name, 0> p0, Parameter<&epa_##Name, 1> p1, Parameter<&epa_##Name, 2> p2, \
      Parameter<&epa_##Name, 3> p3, Parameter<&epa_##Name, 4> p4, Parameter<&epa_##Name, 5> p5, \
      Parameter<&epa_##Name, 6> p6, Parameter<&epa_##Name, 7> p7) noexcept {                    \
    return epa_##Name(p0, p1, p2, p3, p4, p5, p6, p7);                                          \
  }
#define EPA_FORWARD_9(Name)                                                                     \
  extern "C" EPA_EXPORT Result<&epa_##Name> Name(                                               \
      Parameter<&epa_##Name, 0> p0, Parameter<&epa_##Name, 1> p1, Parameter<&epa_##Name, 2> p2, \
      Parameter<&epa_##Name, 3> p3, Parameter<&epa_##Name, 4> p4, Parameter<&epa_##Name, 5> p5, \
      Parameter<&epa_##Name, 6> p6, Parameter<&epa_##Name, 7> p7,                               \
      Parameter<&epa_##Name, 8> p8) noexcept {                                                  \
    return epa_##Name(p0, p1, p2, p3, p4, p5, p6, p7, p8);                                      \
  }
#define EPA_FORWARD_12(Name)                                                                    \
  extern "C" EPA_EXPORT Result<&epa_##Name> Name(                                               \
      Parameter<&epa_##Name, 0> p0, Parameter<&epa_##Name, 1> p1, Parameter<&epa_##Name, 2> p2, \
      Parameter<&epa_##Name, 3> p3, Parameter<&epa_##Name, 4> p4, Parameter<&epa_##Name, 5> p5, \
      Parameter<&epa_##Name, 6> p6, Parameter<&epa_##Name, 7> p7, Parameter<&epa_##Name, 8> p8, \
      Parameter<&epa_##Name, 9> p9, Parameter<&epa_##Name, 10> p10,                             \
      Parameter<&epa_##Name, 11> p11) noexcept {                                                \
    return epa_##Name(p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11);                        \
  }

EPA_FORWARD_2(EnumerateSecurityPackagesA)
EPA_FORWARD_2(EnumerateSecurityPackagesW)
EPA_FORWARD_2(QuerySecurityPackageInfoA)
EPA_FORWARD_2(QuerySecurityPackageInfoW)
EPA_FORWARD_2(AddSecurityPackageA)
EPA_FORWARD_2(AddSecurityPackageW)
EPA_FORWARD_1(DeleteSecurityPackageA)
EPA_FORWARD_1(DeleteSecurityPackageW)
EPA_FORWARD_8(AddCredentialsA)
EPA_FORWARD_8(AddCredentialsW)
EPA_FORWARD_1(FreeCredentialsHandle)
EPA_FORWARD_3(QueryCredentialsAttributesA)
EPA_FORWARD_3(QueryCredentialsAttributesW)
EPA_FORWARD_4(QueryCredentialsAttributesExA)
EPA_FORWARD_4(QueryCredentialsAttributesExW)
EPA_FORWARD_4(SetCredentialsAttributesA)
EPA_FORWARD_4(SetCredentialsAttributesW)
EPA_FORWARD_8(ChangeAccountPasswordA)
EPA_FORWARD_8(ChangeAccountPasswordW)
EPA_FORWARD_12(InitializeSecurityContextA)
EPA_FORWARD_12(InitializeSecurityContextW)
EPA_FORWARD_9(AcceptSecurityContext)
EPA_FORWARD_2(CompleteAuthToken)
EPA_FORWARD_1(DeleteSecurityContext)
EPA_FORWARD_2(ApplyControlToken)
EPA_FORWARD_3(QueryContextAttributesA)
EPA_FORWARD_3(QueryContextAttributesW)
EPA_FORWARD_4(QueryContextAttributesExA)
EPA_FORWARD_4(QueryContextAttributesExW)
EPA_FORWARD_4(SetContextAttributesA)
EPA_FORWARD_4(SetContextAttributesW)
EPA_FORWARD_6(DelegateSecurityContext)
EPA_FORWARD_1(ImpersonateSecurityContext)
EPA_FORWARD_1(RevertSecurityContext)
EPA_FORWARD_2(QuerySecurityContextToken)
EPA_FORWARD_4(MakeSignature)
EPA_FORWARD_4(VerifySignature)
EPA_FORWARD_4(EncryptMessage)
EPA_FORWARD_4(DecryptMessage)
EPA_FORWARD_4(ExportSecurityContext)
EPA_FORWARD_4(ImportSecurityContextA)
EPA_FORWARD_4(ImportSecurityContextW)
EPA_FORWARD_1(FreeContextBuffer)
EPA_FORWARD_2(SspiSetChannelBindingFlags)
EPA_FORWARD_4(SspiEncodeStringsAsAuthIdentity)
EPA_FORWARD_1(SspiFreeAuthIdentity)
EPA_FORWARD_1(SspiZeroAuthIdentity)
EPA_FORWARD_4(SspiEncodeAuthIdentityAsStrings)
EPA_FORWARD_1(SspiLocalFree)
EPA_FORWARD_1(SspiValidateAuthIdentity)
EPA_FORWARD_2(SspiCopyAuthIdentity)
EPA_FORWARD_3(SspiExcludePackage)
EPA_FORWARD_3(SspiUnmarshalAuthIdentity)
EPA_FORWARD_3(SspiMarshalAuthIdentity)
EPA_FORWARD_4(SspiCompareAuthIdentities)
EPA_FORWARD_1(SspiIsAuthIdentityEncrypted)
EPA_FORWARD_1(SspiIsPromptingNeeded)
EPA_FORWARD_2(SspiGetTargetHostName)
EPA_FORWARD_1(SspiEncryptAuthIdentity)
EPA_FORWARD_2(SspiEncryptAuthIdentityEx)
EPA_FORWARD_1(SspiDecryptAuthIdentity)
EPA_FORWARD_2(SspiDecryptAuthIdentityEx)
EPA_FORWARD_4(SspiPrepareForCredRead)
EPA_FORWARD_7(SspiPrepareForCredWrite)
EPA_FORWARD_5(SspiGetCredUIContext)
EPA_FORWARD_4(SspiUpdateCredentials)
EPA_FORWARD_3(SspiUnmarshalCredUIContext)
EPA_FORWARD_8(SspiPromptForCredentialsA)
EPA_FORWARD_8(SspiPromptForCredentialsW)
EPA_FORWARD_2(SaslEnumerateProfilesA)
EPA_FORWARD_2(SaslGetProfilePackageA)
EPA_FORWARD_2(SaslIdentifyPackageA)
EPA_FORWARD_12(SaslInitializeSecurityContextA)
EPA_FORWARD_2(SaslEnumerateProfilesW)
EPA_FORWARD_2(SaslGetProfilePackageW)
EPA_FORWARD_2(SaslIdentifyPackageW)
EPA_FORWARD_12(SaslInitializeSecurityContextW)
EPA_FORWARD_9(SaslAcceptSecurityContext)
EPA_FORWARD_4(SaslSetContextOption)
EPA_FORWARD_5(SaslGetContextOption)
EPA_FORWARD_3(GetComputerObjectNameA)
EPA_FORWARD_3(GetComputerObjectNameW)
EPA_FORWARD_5(TranslateNameA)
EPA_FORWARD_5(TranslateNameW)

extern "C" EPA_EXPORT SECURITY_STATUS AcquireCredentialsHandleA(
    SEC_CHAR* pszPrincipal, SEC_CHAR* pszPackage, ULONG fCredentialUse, void* pvLogonId,
    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PCredHandle phCredential,
    PTimeStamp ptsExpiry) noexcept {
  UseEnvironment();
  return epa_AcquireCredentialsHandleA(pszPrincipal, pszPackage, fCredentialUse, pvLogonId,
                                       pAuthData, pGetKeyFn, pvGetKeyArgument, phCredential,
                                       ptsExpiry);
}

extern "C" EPA_EXPORT SECURITY_STATUS AcquireCredentialsHandleW(
    SEC_WCHAR* pszPrincipal, SEC_WCHAR* pszPackage, ULONG fCredentialUse, void* pvLogonId,
    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument, PCredHandle phCredential,
    PTimeStamp ptsExpiry) noexcept {
  UseEnvironment();
  return epa_AcquireCredentialsHandleW(pszPrincipal, pszPackage, fCredentialUse, pvLogonId,
                                       pAuthData, pGetKeyFn, pvGetKeyArgument, phCredential,
                                       ptsExpiry);
}

extern "C" EPA_EXPORT Result<&epa_GetUserNameExA> GetUserNameExA(
    Parameter<&epa_GetUserNameExA, 0> format, Parameter<&epa_GetUserNameExA, 1> name,
    Parameter<&epa_GetUserNameExA, 2> size) noexcept {
  UseEnvironment();
  return epa_GetUserNameExA(format, name, size);
}

extern "C" EPA_EXPORT Result<&epa_GetUserNameExW> GetUserNameExW(
    Parameter<&epa_GetUserNameExW, 0> format, Parameter<&epa_GetUserNameExW, 1> name,
    Parameter<&epa_GetUserNameExW, 2> size) noexcept {
  UseEnvironment();
  return epa_GetUserNameExW(format, name, size);
}

extern "C" EPA_EXPORT PSecurityFunctionTableA InitSecurityInterfaceA() noexcept {
  UseEnvironment();
  return epa_InitSecurityInterfaceA();
}

extern "C" EPA_EXPORT PSecurityFunctionTableW InitSecurityInterfaceW() noexcept {
  UseEnvironment();
  return epa_InitSecurityInterfaceW();
}
