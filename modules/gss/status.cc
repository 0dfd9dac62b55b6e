#include "modules/gss/status.h"

#include <syslog.h>

namespace epa::gss {

std::string TextOfMinor(OM_uint32 minor) {
  return IsOurMinor(minor) && minor <= MinorOf(Reason::kAbandoned)
             ? std::string(ReasonText(static_cast<Reason>(minor - kMinorBase)))
             : "unknown code";
}

OM_uint32 MajorOf(Reason reason) {
  switch (StatusOf(reason)) {
    case SecurityStatus::kBadBindings:
    case SecurityStatus::kWrongPrincipal:
      return GSS_S_BAD_BINDINGS;
    case SecurityStatus::kInvalidToken:
      return GSS_S_DEFECTIVE_TOKEN;
    case SecurityStatus::kMessageAltered:
      return GSS_S_BAD_SIG;
    case SecurityStatus::kOutOfSequence:
      return GSS_S_DUPLICATE_TOKEN;
    case SecurityStatus::kContextExpired:
      return GSS_S_CREDENTIALS_EXPIRED;
    case SecurityStatus::kNoCredentials:
      return GSS_S_NO_CRED;
    case SecurityStatus::kOk:
    case SecurityStatus::kContinueNeeded:
    case SecurityStatus::kUnsupportedFunction:
    case SecurityStatus::kTargetUnknown:
    case SecurityStatus::kInternalError:
    case SecurityStatus::kLogonDenied:
    case SecurityStatus::kNoAuthority:
    case SecurityStatus::kTimeSkew:
    case SecurityStatus::kDowngradeDetected:
      return GSS_S_FAILURE;
  }
  return GSS_S_FAILURE;
}

OM_uint32 MajorOf(const absl::Status& status) {
  if (absl::IsDataLoss(status)) {
    return GSS_S_BAD_SIG;
  }
  if (absl::IsOutOfRange(status)) {
    return GSS_S_UNSEQ_TOKEN;
  }
  return GSS_S_FAILURE;
}

void Log(const std::string& text) {
  syslog(LOG_AUTHPRIV | LOG_ERR, "libepa-gss: %s", text.c_str());
}

}  // namespace epa::gss
