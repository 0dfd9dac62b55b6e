#include "epa/smb2/protocol.h"

#include <algorithm>
#include <array>
#include <utility>

namespace epa::smb2 {
namespace {

constexpr auto kStatusNames = std::to_array<std::pair<NtStatus, std::string_view>>({
    {kStatusSuccess, "STATUS_SUCCESS"},
    {kStatusNoMoreFiles, "STATUS_NO_MORE_FILES"},
    {kStatusInvalidParameter, "STATUS_INVALID_PARAMETER"},
    {kStatusNoSuchFile, "STATUS_NO_SUCH_FILE"},
    {kStatusInvalidDeviceRequest, "STATUS_INVALID_DEVICE_REQUEST"},
    {kStatusEndOfFile, "STATUS_END_OF_FILE"},
    {kStatusMoreProcessingRequired, "STATUS_MORE_PROCESSING_REQUIRED"},
    {kStatusAccessDenied, "STATUS_ACCESS_DENIED"},
    {kStatusObjectNameNotFound, "STATUS_OBJECT_NAME_NOT_FOUND"},
    {kStatusLogonFailure, "STATUS_LOGON_FAILURE"},
    {kStatusInsufficientResources, "STATUS_INSUFFICIENT_RESOURCES"},
    {kStatusNotSupported, "STATUS_NOT_SUPPORTED"},
    {kStatusNetworkNameDeleted, "STATUS_NETWORK_NAME_DELETED"},
    {kStatusBadNetworkName, "STATUS_BAD_NETWORK_NAME"},
    {kStatusRequestNotAccepted, "STATUS_REQUEST_NOT_ACCEPTED"},
    {kStatusInternalError, "STATUS_INTERNAL_ERROR"},
    {kStatusFileClosed, "STATUS_FILE_CLOSED"},
    {kStatusUserSessionDeleted, "STATUS_USER_SESSION_DELETED"},
    {kStatusNetworkSessionExpired, "STATUS_NETWORK_SESSION_EXPIRED"},
});

}  // namespace

std::string_view DialectName(Dialect dialect) {
  switch (dialect) {
    case Dialect::k202:
      return "2.0.2";
    case Dialect::k210:
      return "2.1";
    case Dialect::k300:
      return "3.0";
    case Dialect::k302:
      return "3.0.2";
    case Dialect::k311:
      return "3.1.1";
  }
  return "unknown";
}

std::string_view CipherName(Cipher cipher) {
  switch (cipher) {
    case Cipher::kAes128Ccm:
      return "AES-128-CCM";
    case Cipher::kAes128Gcm:
      return "AES-128-GCM";
    case Cipher::kAes256Ccm:
      return "AES-256-CCM";
    case Cipher::kAes256Gcm:
      return "AES-256-GCM";
  }
  return "unknown";
}

std::string_view SigningAlgorithmName(SigningAlgorithm algorithm) {
  switch (algorithm) {
    case SigningAlgorithm::kHmacSha256:
      return "HMAC-SHA256";
    case SigningAlgorithm::kAesCmac:
      return "AES-CMAC";
    case SigningAlgorithm::kAesGmac:
      return "AES-GMAC";
  }
  return "unknown";
}

std::string_view NtStatusName(NtStatus status) {
  const auto row =
      std::find_if(kStatusNames.begin(), kStatusNames.end(),
                   [status](const auto& candidate) { return candidate.first == status; });
  return row != kStatusNames.end() ? row->second : std::string_view();
}

}  // namespace epa::smb2
