// [MS-ERREF] 2.3.1: statuses by name, and what those about logins say.
#include <algorithm>
#include <array>
#include <cstdio>

#include "epa/smb2/protocol.h"

namespace epa::smb2 {
namespace {

struct Row {
  NtStatus status;
  std::string_view name;
  std::string_view text = {};
};

constexpr auto kRows = std::to_array<Row>({
    {kStatusSuccess, "STATUS_SUCCESS"},
    {kStatusPending, "STATUS_PENDING"},
    {kStatusNoMoreFiles, "STATUS_NO_MORE_FILES"},
    {kStatusInvalidParameter, "STATUS_INVALID_PARAMETER"},
    {kStatusNoSuchFile, "STATUS_NO_SUCH_FILE"},
    {kStatusInvalidDeviceRequest, "STATUS_INVALID_DEVICE_REQUEST"},
    {kStatusEndOfFile, "STATUS_END_OF_FILE"},
    {kStatusMoreProcessingRequired, "STATUS_MORE_PROCESSING_REQUIRED"},
    {kStatusAccessDenied, "STATUS_ACCESS_DENIED", "access is denied"},
    {kStatusObjectNameNotFound, "STATUS_OBJECT_NAME_NOT_FOUND", "there is no such file"},
    {kStatusLogonFailure, "STATUS_LOGON_FAILURE", "the user name or the password is wrong"},
    {kStatusInsufficientResources, "STATUS_INSUFFICIENT_RESOURCES"},
    {kStatusNotSupported, "STATUS_NOT_SUPPORTED"},
    {kStatusNetworkNameDeleted, "STATUS_NETWORK_NAME_DELETED"},
    {kStatusBadNetworkName, "STATUS_BAD_NETWORK_NAME", "there is no such share"},
    {kStatusRequestNotAccepted, "STATUS_REQUEST_NOT_ACCEPTED"},
    {kStatusInternalError, "STATUS_INTERNAL_ERROR"},
    {kStatusFileClosed, "STATUS_FILE_CLOSED"},
    {kStatusUserSessionDeleted, "STATUS_USER_SESSION_DELETED"},
    {kStatusNetworkSessionExpired, "STATUS_NETWORK_SESSION_EXPIRED", "the session's ticket ended"},
    {0xC0000033, "STATUS_OBJECT_NAME_INVALID", "no file can have this name"},
    {0xC00000BA, "STATUS_FILE_IS_A_DIRECTORY"},
    {0xC0000103, "STATUS_NOT_A_DIRECTORY"},
    {0xC000005E, "STATUS_NO_LOGON_SERVERS", "no domain controller can be reached"},
    {0xC0000064, "STATUS_NO_SUCH_USER", "there is no such user"},
    {0xC000006A, "STATUS_WRONG_PASSWORD", "the password is wrong"},
    {0xC000006E, "STATUS_ACCOUNT_RESTRICTION", "the account is restricted"},
    {0xC000006F, "STATUS_INVALID_LOGON_HOURS", "the account may not log in at this hour"},
    {0xC0000070, "STATUS_INVALID_WORKSTATION", "the account may not log in from this computer"},
    {0xC0000071, "STATUS_PASSWORD_EXPIRED", "the password has expired"},
    {0xC0000072, "STATUS_ACCOUNT_DISABLED", "the account is disabled"},
    {0xC00000A8, "STATUS_BAD_TOKEN_TYPE"},
    {0xC0000133, "STATUS_TIME_DIFFERENCE_AT_DC", "the clocks differ too much"},
    {0xC000015B, "STATUS_LOGON_TYPE_NOT_GRANTED", "the account may not log in over the network"},
    {0xC000018C, "STATUS_TRUSTED_DOMAIN_FAILURE", "the trust between the domains fails"},
    {0xC000018D, "STATUS_TRUSTED_RELATIONSHIP_FAILURE", "the server's trust in its domain fails"},
    {0xC0000192, "STATUS_NETLOGON_NOT_STARTED"},
    {0xC0000193, "STATUS_ACCOUNT_EXPIRED", "the account has expired"},
    {0xC0000224, "STATUS_PASSWORD_MUST_CHANGE", "the password must be changed first"},
    {0xC0000234, "STATUS_ACCOUNT_LOCKED_OUT", "the account is locked"},
    {0xC000035B, "STATUS_BAD_BINDINGS", "the channel binding is wrong"},
    {0xC0000413, "STATUS_AUTHENTICATION_FIREWALL_FAILED",
     "the account may not log in to this computer"},
    {0xC0000418, "STATUS_NTLM_BLOCKED", "NTLM is blocked"},
    {0xC000A000, "STATUS_INVALID_SIGNATURE", "the signature is wrong"},
    {0xC05D0000, "STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP"},
});

const Row* RowOf(NtStatus status) {
  const auto found = std::find_if(kRows.begin(), kRows.end(),
                                  [status](const Row& row) { return row.status == status; });
  return found != kRows.end() ? &*found : nullptr;
}

}  // namespace

std::string_view NtStatusName(NtStatus status) {
  const Row* const row = RowOf(status);
  return row != nullptr ? row->name : std::string_view();
}

std::string NtStatusText(NtStatus status) {
  std::array<char, 16> number{};
  const int size = std::snprintf(number.data(), number.size(), "0x%08x", status);
  const std::string code(number.data(), static_cast<size_t>(size));
  const Row* const row = RowOf(status);
  if (row == nullptr) {
    return "status " + code;
  }
  return std::string(row->name) + " (" + code + ")" + (row->text.empty() ? "" : ": ") +
         std::string(row->text);
}

}  // namespace epa::smb2
