// The numbers of SMB 2 and 3 ([MS-SMB2]) that both roles and their applications use.
#ifndef EPA_SMB2_PROTOCOL_H_
#define EPA_SMB2_PROTOCOL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace epa::smb2 {

// [MS-SMB2] 2.2.3: DialectRevision.
enum class Dialect : uint16_t {
  k202 = 0x0202,
  k210 = 0x0210,
  k300 = 0x0300,
  k302 = 0x0302,
  k311 = 0x0311,
};
// "2.0.2", "2.1", "3.0", "3.0.2", "3.1.1".
std::string_view DialectName(Dialect dialect);

// [MS-SMB2] 2.2.1.2.
enum class Command : uint16_t {
  kNegotiate = 0x00,
  kSessionSetup = 0x01,
  kLogoff = 0x02,
  kTreeConnect = 0x03,
  kTreeDisconnect = 0x04,
  kCreate = 0x05,
  kClose = 0x06,
  kFlush = 0x07,
  kRead = 0x08,
  kWrite = 0x09,
  kLock = 0x0A,
  kIoctl = 0x0B,
  kCancel = 0x0C,
  kEcho = 0x0D,
  kQueryDirectory = 0x0E,
  kChangeNotify = 0x0F,
  kQueryInfo = 0x10,
  kSetInfo = 0x11,
  kOplockBreak = 0x12,
};

// [MS-SMB2] 2.2.3.1.2: CipherId. Dialects 3.0 and 3.0.2 have AES-128-CCM only.
enum class Cipher : uint16_t {
  kAes128Ccm = 0x0001,
  kAes128Gcm = 0x0002,
  kAes256Ccm = 0x0003,
  kAes256Gcm = 0x0004,
};
// "AES-128-CCM" and so on.
std::string_view CipherName(Cipher cipher);

// [MS-SMB2] 2.2.3.1.7. HMAC-SHA256 belongs to 2.0.2 and 2.1, AES-CMAC to 3.0 and 3.0.2; 3.1.1
// negotiates one of the three and takes AES-CMAC where the peer does not negotiate.
enum class SigningAlgorithm : uint16_t {
  kHmacSha256 = 0x0000,
  kAesCmac = 0x0001,
  kAesGmac = 0x0002,
};
// "HMAC-SHA256", "AES-CMAC", "AES-GMAC".
std::string_view SigningAlgorithmName(SigningAlgorithm algorithm);

enum class EncryptionPolicy : uint8_t {
  kOff,        // never offered
  kAvailable,  // offered; a peer may ask for it
  kRequired,   // a session that cannot encrypt is refused
};

// Status codes of responses; values: [MS-ERREF] 2.3.1. Applications may use others.
using NtStatus = uint32_t;
inline constexpr NtStatus kStatusSuccess = 0x00000000;
inline constexpr NtStatus kStatusPending = 0x00000103;
inline constexpr NtStatus kStatusNoMoreFiles = 0x80000006;
inline constexpr NtStatus kStatusInvalidParameter = 0xC000000D;
inline constexpr NtStatus kStatusNoSuchFile = 0xC000000F;
inline constexpr NtStatus kStatusEndOfFile = 0xC0000011;
inline constexpr NtStatus kStatusMoreProcessingRequired = 0xC0000016;
inline constexpr NtStatus kStatusAccessDenied = 0xC0000022;
inline constexpr NtStatus kStatusObjectNameNotFound = 0xC0000034;
inline constexpr NtStatus kStatusLogonFailure = 0xC000006D;
inline constexpr NtStatus kStatusInsufficientResources = 0xC000009A;
inline constexpr NtStatus kStatusNotSupported = 0xC00000BB;
inline constexpr NtStatus kStatusNetworkNameDeleted = 0xC00000C9;
inline constexpr NtStatus kStatusBadNetworkName = 0xC00000CC;
inline constexpr NtStatus kStatusRequestNotAccepted = 0xC00000D0;
inline constexpr NtStatus kStatusInternalError = 0xC00000E5;
inline constexpr NtStatus kStatusFileClosed = 0xC0000128;
inline constexpr NtStatus kStatusUserSessionDeleted = 0xC0000203;
inline constexpr NtStatus kStatusNetworkSessionExpired = 0xC000035C;
inline constexpr NtStatus kStatusInvalidDeviceRequest = 0xC0000010;
// "STATUS_ACCESS_DENIED" and so on, for the codes above and those with which servers refuse logins;
// else empty.
std::string_view NtStatusName(NtStatus status);
// For people: "STATUS_LOGON_FAILURE (0xc000006d): the user name or the password is wrong", without
// the name or the sentence where there is none.
std::string NtStatusText(NtStatus status);

// [MS-SMB2] 2.2.1.2: Flags.
inline constexpr uint32_t kFlagResponse = 0x00000001;
inline constexpr uint32_t kFlagAsync = 0x00000002;
inline constexpr uint32_t kFlagRelated = 0x00000004;
inline constexpr uint32_t kFlagSigned = 0x00000008;

inline constexpr size_t kHeaderSize = 64;           // 2.2.1.2
inline constexpr size_t kTransformHeaderSize = 52;  // 2.2.41
inline constexpr size_t kSignatureSize = 16;

}  // namespace epa::smb2

#pragma GCC visibility pop

#endif  // EPA_SMB2_PROTOCOL_H_
