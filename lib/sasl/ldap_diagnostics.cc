#include "lib/sasl/ldap_diagnostics.h"

#include <algorithm>
#include <iterator>

#include "epa/core/security_status.h"

namespace epa::sasl {
namespace {

// Where in Windows' source it was, and Windows' build: clients look at neither.
constexpr std::string_view kPlace = "LdapErr: DSID-0C090711, comment: ";
constexpr std::string_view kBuild = ", v4f7c";
// Samba's word for it: the low half of STATUS_BAD_BINDINGS.
constexpr std::string_view kSambaBadBindings = "data 35b";
constexpr std::string_view kBadBindings = "80090346";

// Win32's error code in hexadecimal.
struct DataRow {
  Reason reason;
  std::string_view data;
};
constexpr DataRow kData[] = {
    {Reason::kLogonHours, "530"},
    {Reason::kWorkstationRefused, "531"},
    {Reason::kPasswordExpired, "532"},
    {Reason::kAccountDisabled, "533"},
    {Reason::kAccountExpired, "701"},
    {Reason::kPasswordMustChange, "773"},
    {Reason::kAccountLockedOut, "775"},
    {Reason::kMalformedToken, "57"},  // ERROR_INVALID_PARAMETER
    {Reason::kUnexpectedMessage, "57"},
    {Reason::kTokenTooLarge, "57"},
    {Reason::kUnsupportedMechanism, "57"},
};

// What tells a wrong password from an account that is not there is told to nobody.
std::string_view DataOf(Reason reason) {
  const auto* const row = std::ranges::find(kData, reason, &DataRow::reason);
  return row != std::end(kData) ? row->data : "52e";  // ERROR_LOGON_FAILURE
}

std::string Diagnostic(std::string_view code, std::string_view comment, std::string_view data) {
  std::string text(code);
  text.append(": ").append(kPlace).append(comment).append(", data ").append(data).append(kBuild);
  return text;
}

}  // namespace

LdapRefusal LdapRefusalOf(Reason reason) {
  if (reason == Reason::kSecurityLayerRequired) {
    return {LdapResult::kStrongerAuthRequired,
            Diagnostic("00002028",
                       "The server requires binds to turn on integrity checking if SSL\\TLS are "
                       "not already active on the connection",
                       "0")};
  }
  if (reason == Reason::kSecurityLayerForbidden) {
    return {
        LdapResult::kInappropriateAuthentication,
        Diagnostic("00002029", "Cannot start kerberos signing/sealing when using TLS/SSL", "0")};
  }
  constexpr std::string_view kComment = "AcceptSecurityContext error";
  if (StatusOf(reason) == SecurityStatus::kBadBindings) {
    return {LdapResult::kInvalidCredentials, Diagnostic(kBadBindings, kComment, kBadBindings)};
  }
  return {LdapResult::kInvalidCredentials, Diagnostic("80090308", kComment, DataOf(reason))};
}

bool SaysBadBindings(std::string_view diagnostic) {
  return diagnostic.starts_with(kBadBindings) ||
         diagnostic.find(kSambaBadBindings) != std::string_view::npos;
}

}  // namespace epa::sasl
