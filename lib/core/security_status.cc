#include "epa/core/security_status.h"

namespace epa {

std::string_view SecurityStatusName(SecurityStatus status) {
  switch (status) {
    case SecurityStatus::kOk:
      return "SEC_E_OK";
    case SecurityStatus::kContinueNeeded:
      return "SEC_I_CONTINUE_NEEDED";
    case SecurityStatus::kUnsupportedFunction:
      return "SEC_E_UNSUPPORTED_FUNCTION";
    case SecurityStatus::kTargetUnknown:
      return "SEC_E_TARGET_UNKNOWN";
    case SecurityStatus::kInternalError:
      return "SEC_E_INTERNAL_ERROR";
    case SecurityStatus::kInvalidToken:
      return "SEC_E_INVALID_TOKEN";
    case SecurityStatus::kLogonDenied:
      return "SEC_E_LOGON_DENIED";
    case SecurityStatus::kNoCredentials:
      return "SEC_E_NO_CREDENTIALS";
    case SecurityStatus::kMessageAltered:
      return "SEC_E_MESSAGE_ALTERED";
    case SecurityStatus::kOutOfSequence:
      return "SEC_E_OUT_OF_SEQUENCE";
    case SecurityStatus::kNoAuthority:
      return "SEC_E_NO_AUTHENTICATING_AUTHORITY";
    case SecurityStatus::kContextExpired:
      return "SEC_E_CONTEXT_EXPIRED";
    case SecurityStatus::kWrongPrincipal:
      return "SEC_E_WRONG_PRINCIPAL";
    case SecurityStatus::kTimeSkew:
      return "SEC_E_TIME_SKEW";
    case SecurityStatus::kBadBindings:
      return "SEC_E_BAD_BINDINGS";
    case SecurityStatus::kDowngradeDetected:
      return "SEC_E_DOWNGRADE_DETECTED";
  }
  return "unknown";
}

}  // namespace epa
