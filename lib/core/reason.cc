#include "epa/core/reason.h"

#include <array>

namespace epa {
namespace {

// [MS-ERREF] 2.3.1.
constexpr uint32_t kNtOk = 0;
constexpr uint32_t kNtInvalidParameter = 0xC000000D;
constexpr uint32_t kNtAccessDenied = 0xC0000022;
constexpr uint32_t kNtNoLogonServers = 0xC000005E;
constexpr uint32_t kNtNoSuchUser = 0xC0000064;
constexpr uint32_t kNtWrongPassword = 0xC000006A;
constexpr uint32_t kNtLogonFailure = 0xC000006D;
constexpr uint32_t kNtAccountRestriction = 0xC000006E;
constexpr uint32_t kNtInvalidLogonHours = 0xC000006F;
constexpr uint32_t kNtInvalidWorkstation = 0xC0000070;
constexpr uint32_t kNtPasswordExpired = 0xC0000071;
constexpr uint32_t kNtAccountDisabled = 0xC0000072;
constexpr uint32_t kNtNotSupported = 0xC00000BB;
constexpr uint32_t kNtInternalError = 0xC00000E5;
constexpr uint32_t kNtCancelled = 0xC0000120;
constexpr uint32_t kNtTimeDifference = 0xC0000133;
constexpr uint32_t kNtLogonTypeNotGranted = 0xC000015B;
constexpr uint32_t kNtTrustedRelationshipFailure = 0xC000018D;
constexpr uint32_t kNtAccountExpired = 0xC0000193;
constexpr uint32_t kNtNologonWorkstationTrust = 0xC0000199;
constexpr uint32_t kNtPasswordMustChange = 0xC0000224;
constexpr uint32_t kNtAccountLockedOut = 0xC0000234;
constexpr uint32_t kNtBadBindings = 0xC000035B;
constexpr uint32_t kNtDowngradeDetected = 0xC0000388;
constexpr uint32_t kNtNtlmBlocked = 0xC0000418;

struct ReasonRow {
  Reason reason;
  std::string_view name;
  SecurityStatus status;
  uint32_t nt_status;
  std::string_view text;
};

// In the order of the enumeration.
constexpr std::array kReasons = {
    ReasonRow{Reason::kNone, "none", SecurityStatus::kOk, kNtOk, "no reason yet"},
    ReasonRow{Reason::kLegacyMode, "legacy_mode", SecurityStatus::kOk, kNtOk,
              "mode 0 compares nothing"},
    ReasonRow{Reason::kBindingMatched, "binding_matched", SecurityStatus::kOk, kNtOk,
              "the client bound its login to this TLS channel"},
    ReasonRow{Reason::kBindingMissingAllowed, "binding_missing_allowed", SecurityStatus::kOk, kNtOk,
              "the client sent no channel binding, which mode 1 allows"},
    ReasonRow{Reason::kProxyBindingPresent, "proxy_binding_present", SecurityStatus::kOk, kNtOk,
              "the client bound its login to the TLS channel of the trusted proxy"},
    ReasonRow{Reason::kServiceNameMatched, "service_name_matched", SecurityStatus::kOk, kNtOk,
              "the client meant this service"},
    ReasonRow{Reason::kServiceNameMissingAllowed, "service_name_missing_allowed",
              SecurityStatus::kOk, kNtOk, "the client named no service, which mode 1 allows"},
    ReasonRow{Reason::kServiceNameNotChecked, "service_name_not_checked", SecurityStatus::kOk,
              kNtOk, "the policy asks for no service-name check here"},
    ReasonRow{Reason::kAnonymousAllowed, "anonymous_allowed", SecurityStatus::kOk, kNtOk,
              "the policy lets anonymous logins in"},
    ReasonRow{Reason::kGuestAllowed, "guest_allowed", SecurityStatus::kOk, kNtOk,
              "the policy lets guest logins in"},
    ReasonRow{Reason::kOutgoingNtlmAudited, "outgoing_ntlm_audited", SecurityStatus::kOk, kNtOk,
              "NTLM is used, which the settings ask to report"},
    ReasonRow{Reason::kGuestSettingNotDefault, "guest_setting_not_default", SecurityStatus::kOk,
              kNtOk, "the setting about insecure guest logons is not the default"},
    ReasonRow{Reason::kBindingMissing, "binding_missing", SecurityStatus::kBadBindings,
              kNtBadBindings, "the client sent no channel binding, and mode 2 requires one"},
    ReasonRow{Reason::kBindingExplicitlyNone, "binding_explicitly_none",
              SecurityStatus::kBadBindings, kNtBadBindings,
              "the client says that it had no TLS channel, but the login arrived over one"},
    ReasonRow{
        Reason::kBindingMismatch, "binding_mismatch", SecurityStatus::kBadBindings, kNtBadBindings,
        "the client bound its login to another TLS channel: a relay, or a proxy that ends TLS"},
    ReasonRow{Reason::kBindingNotChecked, "binding_not_checked", SecurityStatus::kBadBindings,
              kNtBadBindings, "the security package did not look at the channel binding"},
    ReasonRow{Reason::kChannelHasNoBinding, "channel_has_no_binding", SecurityStatus::kBadBindings,
              kNtBadBindings, "this TLS channel has no binding to compare with"},
    ReasonRow{Reason::kServiceNameMissing, "service_name_missing", SecurityStatus::kLogonDenied,
              kNtAccessDenied, "the client named no service, and mode 2 requires one"},
    ReasonRow{Reason::kServiceNameEmpty, "service_name_empty", SecurityStatus::kLogonDenied,
              kNtAccessDenied, "the client named an empty service, and mode 2 requires one"},
    ReasonRow{
        Reason::kServiceNameUntrusted, "service_name_untrusted", SecurityStatus::kLogonDenied,
        kNtAccessDenied,
        "the client marks its service name as unverified, and mode 2 requires a verified one"},
    ReasonRow{Reason::kServiceNameMismatch, "service_name_mismatch", SecurityStatus::kLogonDenied,
              kNtAccessDenied, "the client meant another service"},
    ReasonRow{Reason::kServiceNameNotVouchedFor, "service_name_not_vouched_for",
              SecurityStatus::kLogonDenied, kNtAccessDenied,
              "the service name stands in the ticket alone, where no proof covers it, and mode 2 "
              "requires the client's own word or a key declared exclusive"},
    ReasonRow{Reason::kServiceKeyShared, "service_key_shared", SecurityStatus::kLogonDenied,
              kNtAccessDenied,
              "the key declared exclusive is in the keytab under a name that is not accepted"},
    ReasonRow{Reason::kMicRequired, "mic_required", SecurityStatus::kLogonDenied, kNtLogonFailure,
              "the policy requires a message integrity code and the client sent none"},
    ReasonRow{Reason::kAnonymousRefused, "anonymous_refused", SecurityStatus::kLogonDenied,
              kNtLogonFailure, "the policy refuses anonymous logins"},
    ReasonRow{Reason::kGuestRefused, "guest_refused", SecurityStatus::kLogonDenied, kNtLogonFailure,
              "the policy refuses guest logins"},
    ReasonRow{Reason::kMalformedToken, "malformed_token", SecurityStatus::kInvalidToken,
              kNtInvalidParameter, "the token is malformed"},
    ReasonRow{Reason::kUnexpectedMessage, "unexpected_message", SecurityStatus::kInvalidToken,
              kNtInvalidParameter, "the message does not belong to this state of the exchange"},
    ReasonRow{Reason::kTokenTooLarge, "token_too_large", SecurityStatus::kInvalidToken,
              kNtInvalidParameter, "the token is larger than the package allows"},
    ReasonRow{Reason::kUnsupportedMechanism, "unsupported_mechanism", SecurityStatus::kInvalidToken,
              kNtInvalidParameter, "no security package takes this token"},
    ReasonRow{Reason::kConnectionOwnerDiffers, "connection_owner_differs",
              SecurityStatus::kLogonDenied, kNtLogonFailure,
              "another user logged in on this connection before"},
    ReasonRow{Reason::kRefusedByPeer, "refused_by_peer", SecurityStatus::kLogonDenied,
              kNtLogonFailure, "the server refused the login"},
    ReasonRow{Reason::kNegotiationAltered, "negotiation_altered",
              SecurityStatus::kDowngradeDetected, kNtDowngradeDetected,
              "the negotiation of the mechanism was tampered with"},
    ReasonRow{Reason::kHttp11Required, "http_1_1_required", SecurityStatus::kUnsupportedFunction,
              kNtNotSupported,
              "the request came over HTTP/2 or HTTP/3, where a connection has no login"},
    ReasonRow{Reason::kSecurityLayerForbidden, "security_layer_forbidden",
              SecurityStatus::kUnsupportedFunction, kNtNotSupported,
              "the client agreed to a security layer where there may be none, or that was not "
              "offered"},
    ReasonRow{Reason::kSecurityLayerRequired, "security_layer_required",
              SecurityStatus::kUnsupportedFunction, kNtAccessDenied,
              "the settings demand that the client signs or seals on a connection without TLS"},
    ReasonRow{Reason::kAuthorizationRefused, "authorization_refused", SecurityStatus::kLogonDenied,
              kNtAccessDenied, "the client may not act as whom it named"},
    ReasonRow{Reason::kNtlmBlocked, "ntlm_blocked", SecurityStatus::kUnsupportedFunction,
              kNtNtlmBlocked, "the settings refuse NTLM for this account"},
    ReasonRow{Reason::kNtlmV1Refused, "ntlm_v1_refused", SecurityStatus::kLogonDenied,
              kNtLogonFailure, "the client answered with NTLMv1, which is refused"},
    ReasonRow{Reason::kLmRefused, "lm_refused", SecurityStatus::kLogonDenied, kNtLogonFailure,
              "the client answered with LM alone, which is refused"},
    ReasonRow{Reason::kLmV2OnlyRefused, "lm_v2_only_refused", SecurityStatus::kLogonDenied,
              kNtLogonFailure, "the client answered with LMv2 alone, which is refused"},
    ReasonRow{Reason::kWeakKeyRefused, "weak_key_refused", SecurityStatus::kUnsupportedFunction,
              kNtNotSupported,
              "the client does not agree to 128-bit keys and extended session security"},
    ReasonRow{Reason::kWrongPassword, "wrong_password", SecurityStatus::kLogonDenied,
              kNtWrongPassword, "the proof does not match the account's password"},
    ReasonRow{Reason::kUnknownUser, "unknown_user", SecurityStatus::kLogonDenied, kNtNoSuchUser,
              "there is no such account"},
    ReasonRow{Reason::kAccountDisabled, "account_disabled", SecurityStatus::kLogonDenied,
              kNtAccountDisabled, "the account is disabled or has no password"},
    ReasonRow{Reason::kAccountLockedOut, "account_locked_out", SecurityStatus::kLogonDenied,
              kNtAccountLockedOut, "the account is locked out after too many wrong passwords"},
    ReasonRow{Reason::kAccountExpired, "account_expired", SecurityStatus::kLogonDenied,
              kNtAccountExpired, "the account has expired"},
    ReasonRow{Reason::kPasswordExpired, "password_expired", SecurityStatus::kLogonDenied,
              kNtPasswordExpired, "the password is right and has expired"},
    ReasonRow{Reason::kPasswordMustChange, "password_must_change", SecurityStatus::kLogonDenied,
              kNtPasswordMustChange, "the password must be changed before the first login"},
    ReasonRow{Reason::kLogonHours, "logon_hours", SecurityStatus::kLogonDenied,
              kNtInvalidLogonHours, "the account may not log in at this hour"},
    ReasonRow{Reason::kWorkstationRefused, "workstation_refused", SecurityStatus::kLogonDenied,
              kNtInvalidWorkstation, "the account may not log in from this workstation"},
    ReasonRow{Reason::kLogonTypeRefused, "logon_type_refused", SecurityStatus::kLogonDenied,
              kNtLogonTypeNotGranted, "the account may not log in in this way"},
    ReasonRow{Reason::kAccountRestricted, "account_restricted", SecurityStatus::kLogonDenied,
              kNtAccountRestriction, "a restriction of the account refuses the login"},
    ReasonRow{Reason::kTrustFailed, "trust_failed", SecurityStatus::kNoAuthority,
              kNtTrustedRelationshipFailure,
              "the domain trusts neither this computer nor the account's domain"},
    ReasonRow{Reason::kAccountIsComputer, "account_is_computer", SecurityStatus::kLogonDenied,
              kNtNologonWorkstationTrust,
              "a computer's account, which this server is not set up to let in"},
    ReasonRow{Reason::kChallengeExpired, "challenge_expired", SecurityStatus::kLogonDenied,
              kNtLogonFailure, "the challenge was answered too late"},
    ReasonRow{Reason::kAvPairsAltered, "av_pairs_altered", SecurityStatus::kMessageAltered,
              kNtLogonFailure, "the challenge's target information did not come back unchanged"},
    ReasonRow{Reason::kDuplicateAvPair, "duplicate_av_pair", SecurityStatus::kMessageAltered,
              kNtLogonFailure, "the response carries the same AV pair twice"},
    ReasonRow{Reason::kMicMissing, "mic_missing", SecurityStatus::kMessageAltered, kNtLogonFailure,
              "the signed flags promise a message integrity code that is not there"},
    ReasonRow{Reason::kMicInvalid, "mic_invalid", SecurityStatus::kMessageAltered, kNtLogonFailure,
              "the message integrity code does not match the messages"},
    ReasonRow{Reason::kSessionKeyInvalid, "session_key_invalid", SecurityStatus::kInvalidToken,
              kNtInvalidParameter, "the key exchange carries no valid session key"},
    ReasonRow{Reason::kReflectedChallenge, "reflected_challenge", SecurityStatus::kLogonDenied,
              kNtLogonFailure, "this host is asked to log in to itself: a reflection"},
    ReasonRow{Reason::kClientPolicyForbids, "client_policy_forbids",
              SecurityStatus::kUnsupportedFunction, kNtNotSupported,
              "the client's policy forbids answering"},
    ReasonRow{Reason::kTargetInfoMissing, "target_info_missing", SecurityStatus::kLogonDenied,
              kNtLogonFailure, "the challenge lacks the target information that signing needs"},
    ReasonRow{Reason::kServerFlagsUnacceptable, "server_flags_unacceptable",
              SecurityStatus::kUnsupportedFunction, kNtNotSupported,
              "the server does not agree to what the client requires"},
    ReasonRow{Reason::kTicketInvalid, "ticket_invalid", SecurityStatus::kLogonDenied,
              kNtLogonFailure, "the Kerberos ticket or authenticator is not valid"},
    ReasonRow{Reason::kTicketExpired, "ticket_expired", SecurityStatus::kContextExpired,
              kNtLogonFailure, "the Kerberos ticket is expired or not yet valid"},
    ReasonRow{Reason::kClockSkew, "clock_skew", SecurityStatus::kTimeSkew, kNtTimeDifference,
              "the clocks differ too much"},
    ReasonRow{Reason::kReplay, "replay", SecurityStatus::kLogonDenied, kNtLogonFailure,
              "the Kerberos authenticator was used before"},
    ReasonRow{Reason::kKeyNotFound, "key_not_found", SecurityStatus::kWrongPrincipal,
              kNtLogonFailure, "there is no key for the ticket's service"},
    ReasonRow{Reason::kWrongKeyVersion, "wrong_key_version", SecurityStatus::kWrongPrincipal,
              kNtLogonFailure, "the keytab lacks the key version that the ticket was made with"},
    ReasonRow{Reason::kServiceNotAccepted, "service_not_accepted", SecurityStatus::kWrongPrincipal,
              kNtLogonFailure, "the ticket is for a service that this server does not accept"},
    ReasonRow{Reason::kPacRequired, "pac_required", SecurityStatus::kLogonDenied, kNtLogonFailure,
              "the ticket has no valid PAC that names the account, and the settings demand one"},
    ReasonRow{Reason::kEncryptionTypeRefused, "encryption_type_refused",
              SecurityStatus::kUnsupportedFunction, kNtNotSupported,
              "the ticket or a key uses an encryption type that is refused"},
    ReasonRow{Reason::kMutualAuthenticationFailed, "mutual_authentication_failed",
              SecurityStatus::kWrongPrincipal, kNtLogonFailure,
              "the server could not prove that it has the key"},
    ReasonRow{Reason::kTargetUnknown, "target_unknown", SecurityStatus::kTargetUnknown,
              kNtLogonFailure, "the KDC does not know the service"},
    ReasonRow{Reason::kNoCredentials, "no_credentials", SecurityStatus::kNoCredentials,
              kNtLogonFailure, "there is no ticket and nothing to get one with"},
    ReasonRow{Reason::kAuthorityUnavailable, "authority_unavailable", SecurityStatus::kNoAuthority,
              kNtNoLogonServers, "the accounts could not be read"},
    ReasonRow{Reason::kInternalFault, "internal_fault", SecurityStatus::kInternalError,
              kNtInternalError, "a fault of this side"},
    ReasonRow{Reason::kAbandoned, "abandoned", SecurityStatus::kContinueNeeded, kNtCancelled,
              "the exchange was given up half-way"},
};

constexpr bool InOrder() {
  for (size_t i = 0; i < kReasons.size(); ++i) {
    if (static_cast<size_t>(kReasons[i].reason) != i) {
      return false;
    }
  }
  return kReasons.back().reason == Reason::kAbandoned;
}
static_assert(InOrder());

const ReasonRow& RowOf(Reason reason) { return kReasons[static_cast<size_t>(reason)]; }

}  // namespace

std::string_view ReasonName(Reason reason) { return RowOf(reason).name; }
std::string_view ReasonText(Reason reason) { return RowOf(reason).text; }
SecurityStatus StatusOf(Reason reason) { return RowOf(reason).status; }
uint32_t NtStatusOf(Reason reason) { return RowOf(reason).nt_status; }

}  // namespace epa
