// The stable result codes programs may branch on: the values of Windows' SECURITY_STATUS.
#ifndef EPA_CORE_SECURITY_STATUS_H_
#define EPA_CORE_SECURITY_STATUS_H_

#include <cstdint>
#include <string_view>

#pragma GCC visibility push(default)

namespace epa {

// Values: [MS-ERREF] 2.1.1.
enum class SecurityStatus : uint32_t {
  kOk = 0x00000000,                   // SEC_E_OK
  kContinueNeeded = 0x00090312,       // SEC_I_CONTINUE_NEEDED
  kUnsupportedFunction = 0x80090302,  // SEC_E_UNSUPPORTED_FUNCTION
  kTargetUnknown = 0x80090303,        // SEC_E_TARGET_UNKNOWN
  kInternalError = 0x80090304,        // SEC_E_INTERNAL_ERROR
  kInvalidToken = 0x80090308,         // SEC_E_INVALID_TOKEN
  kLogonDenied = 0x8009030C,          // SEC_E_LOGON_DENIED
  kNoCredentials = 0x8009030E,        // SEC_E_NO_CREDENTIALS
  kMessageAltered = 0x8009030F,       // SEC_E_MESSAGE_ALTERED
  kOutOfSequence = 0x80090310,        // SEC_E_OUT_OF_SEQUENCE
  kNoAuthority = 0x80090311,          // SEC_E_NO_AUTHENTICATING_AUTHORITY
  kContextExpired = 0x80090317,       // SEC_E_CONTEXT_EXPIRED
  kWrongPrincipal = 0x80090322,       // SEC_E_WRONG_PRINCIPAL
  kTimeSkew = 0x80090324,             // SEC_E_TIME_SKEW
  kBadBindings = 0x80090346,          // SEC_E_BAD_BINDINGS
  kDowngradeDetected = 0x80090350,    // SEC_E_DOWNGRADE_DETECTED
};

// The name in Windows' headers, such as "SEC_E_BAD_BINDINGS".
std::string_view SecurityStatusName(SecurityStatus status);

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_SECURITY_STATUS_H_
