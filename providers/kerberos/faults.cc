#include "providers/kerberos/faults.h"

namespace epa::kerberos {
namespace {

// kNone: no reason of its own, so a fault of ours.
Reason ReasonOf(krb5_error_code code) {
  switch (code) {
    case KRB5KRB_AP_ERR_SKEW:
    case KRB5_KDCREP_SKEW:
      return Reason::kClockSkew;
    case KRB5KRB_AP_ERR_TKT_EXPIRED:
    case KRB5KRB_AP_ERR_TKT_NYV:
      return Reason::kTicketExpired;
    case KRB5KRB_AP_ERR_REPEAT:
      return Reason::kReplay;
    case KRB5_KT_KVNONOTFOUND:
    case KRB5KRB_AP_ERR_BADKEYVER:
      return Reason::kWrongKeyVersion;
    case KRB5_KT_NOTFOUND:
    case KRB5KRB_AP_ERR_NOKEY:
    case KRB5KRB_AP_ERR_NOT_US:
    case KRB5KRB_AP_WRONG_PRINC:
      return Reason::kKeyNotFound;
    case KRB5_NOPERM_ETYPE:
    case KRB5_BAD_ENCTYPE:
    case KRB5_PROG_ETYPE_NOSUPP:
    case KRB5KDC_ERR_ETYPE_NOSUPP:
      return Reason::kEncryptionTypeRefused;
    case KRB5KRB_AP_ERR_BAD_INTEGRITY:
    case KRB5KRB_AP_ERR_BADMATCH:
    case KRB5KRB_AP_ERR_BADADDR:
    case KRB5KRB_AP_ERR_MODIFIED:
    case KRB5KRB_AP_ERR_ILL_CR_TKT:
    case KRB5KRB_AP_ERR_INAPP_CKSUM:
    case KRB5KRB_AP_ERR_TKT_INVALID:
    case KRB5_BAD_MSIZE:
      return Reason::kTicketInvalid;
    case KRB5KDC_ERR_BAD_PVNO:
    case KRB5KRB_AP_ERR_BADVERSION:
    case KRB5KRB_AP_ERR_MSG_TYPE:
    case ASN1_BAD_ID:
    case ASN1_BAD_LENGTH:
    case ASN1_BAD_FORMAT:
    case ASN1_BAD_TIMEFORMAT:
    case ASN1_INDEF:
    case ASN1_MISSING_FIELD:
    case ASN1_MISPLACED_FIELD:
    case ASN1_OVERFLOW:
    case ASN1_OVERRUN:
    case ASN1_PARSE_ERROR:
      return Reason::kMalformedToken;
    case KRB5_MUTUAL_FAILED:
      return Reason::kMutualAuthenticationFailed;
    case KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
      return Reason::kTargetUnknown;
    case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
      return Reason::kUnknownUser;
    case KRB5KDC_ERR_PREAUTH_FAILED:
      return Reason::kWrongPassword;
    case KRB5KDC_ERR_CLIENT_REVOKED:
      // Locked out as well: KDCs do not say which.
      return Reason::kAccountDisabled;
    case KRB5KDC_ERR_NAME_EXP:
      return Reason::kAccountExpired;
    case KRB5KDC_ERR_KEY_EXP:
      return Reason::kPasswordExpired;
    case KRB5KDC_ERR_POLICY:
      return Reason::kAccountRestricted;
    case KRB5_CC_NOTFOUND:
    case KRB5_FCC_NOFILE:
    case KRB5_CC_END:
      return Reason::kNoCredentials;
    default:
      return Reason::kNone;
  }
}

bool IsUnreachable(krb5_error_code code) {
  return code == KRB5_KDC_UNREACH || code == KRB5_REALM_UNKNOWN ||
         code == KRB5_REALM_CANT_RESOLVE || code == KRB5KDC_ERR_SVC_UNAVAILABLE;
}

}  // namespace

std::string ErrorText(krb5_context context, krb5_error_code code) {
  const char* const text = krb5_get_error_message(context, code);
  std::string copy(text);
  krb5_free_error_message(context, text);
  return copy;
}

absl::Status FaultOf(krb5_context context, krb5_error_code code) {
  if (code == 0) {
    return absl::OkStatus();
  }
  return IsUnreachable(code) ? absl::UnavailableError(ErrorText(context, code))
                             : absl::InternalError(ErrorText(context, code));
}

absl::StatusOr<MechanismResult> RejectionOf(krb5_context context, krb5_error_code code) {
  const Reason reason = ReasonOf(code);
  if (reason == Reason::kNone) {
    return FaultOf(context, code);
  }
  return MechanismResult::Rejected(reason, ErrorText(context, code));
}

}  // namespace epa::kerberos
