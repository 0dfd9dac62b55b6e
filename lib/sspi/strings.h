// Text of the A functions (UTF-8) and of the W functions (UTF-16).
#ifndef EPA_LIB_SSPI_STRINGS_H_
#define EPA_LIB_SSPI_STRINGS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "epa/base/secret.h"
#include "epa/sspi/sspi.h"

namespace epa::sspi {

// The types of a function's form, by its character type.
template <typename Char>
struct Form;

template <>
struct Form<SEC_CHAR> {
  using PkgInfo = SecPkgInfoA;
  using Names = SecPkgContext_NamesA;
  using NativeNames = SecPkgContext_NativeNamesA;
  using KeyInfo = SecPkgContext_KeyInfoA;
  using Authority = SecPkgContext_AuthorityA;
  using PackageInfo = SecPkgContext_PackageInfoA;
  using NegotiationInfo = SecPkgContext_NegotiationInfoA;
  using CredentialNames = SecPkgCredentials_NamesA;
};

template <>
struct Form<SEC_WCHAR> {
  using PkgInfo = SecPkgInfoW;
  using Names = SecPkgContext_NamesW;
  using NativeNames = SecPkgContext_NativeNamesW;
  using KeyInfo = SecPkgContext_KeyInfoW;
  using Authority = SecPkgContext_AuthorityW;
  using PackageInfo = SecPkgContext_PackageInfoW;
  using NegotiationInfo = SecPkgContext_NegotiationInfoW;
  using CredentialNames = SecPkgCredentials_NamesW;
};

// UTF-8 of the caller's text. No value where it is none: lone surrogates, not UTF-8.
std::optional<std::string> TextOf(std::span<const SEC_CHAR> text);
std::optional<std::string> TextOf(std::span<const SEC_WCHAR> text);
// Of a terminated string; null is empty.
std::optional<std::string> TextOf(const SEC_CHAR* text);
std::optional<std::string> TextOf(const SEC_WCHAR* text);

// Text of a form without a terminator, wiped like what it may hold.
std::optional<SecretBytes> EncodeText(std::string_view utf8, SEC_CHAR);
std::optional<SecretBytes> EncodeText(std::string_view utf8, SEC_WCHAR);

// `out` becomes a terminated string for FreeContextBuffer. `if_no_string` where the text holds a
// NUL, which would end it early for the caller, or is not UTF-8.
template <typename Char>
SECURITY_STATUS PutText(std::string_view utf8, SECURITY_STATUS if_no_string, Char*& out);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_STRINGS_H_
