#include "epa/core/reason.h"

#include <array>

namespace epa {
namespace {

struct ReasonRow {
  Reason reason;
  std::string_view name;
  SecurityStatus status;
  std::string_view text;
};

// In the order of the enumeration.
constexpr std::array kReasons = {
    ReasonRow{Reason::kNone, "none", SecurityStatus::kOk, "no reason yet"},
    ReasonRow{Reason::kLegacyMode, "legacy_mode", SecurityStatus::kOk, "mode 0 compares nothing"},
    ReasonRow{Reason::kBindingMatched, "binding_matched", SecurityStatus::kOk,
              "the client bound its login to this TLS channel"},
    ReasonRow{Reason::kBindingMissingAllowed, "binding_missing_allowed", SecurityStatus::kOk,
              "the client sent no channel binding, which mode 1 allows"},
    ReasonRow{Reason::kProxyBindingPresent, "proxy_binding_present", SecurityStatus::kOk,
              "the client bound its login to the TLS channel of the trusted proxy"},
    ReasonRow{Reason::kServiceNameMatched, "service_name_matched", SecurityStatus::kOk,
              "the client meant this service"},
    ReasonRow{Reason::kServiceNameMissingAllowed, "service_name_missing_allowed",
              SecurityStatus::kOk, "the client named no service, which mode 1 allows"},
    ReasonRow{Reason::kServiceNameNotChecked, "service_name_not_checked", SecurityStatus::kOk,
              "the policy asks for no service-name check here"},
    ReasonRow{Reason::kAnonymousAllowed, "anonymous_allowed", SecurityStatus::kOk,
              "the policy lets anonymous logins in"},
    ReasonRow{Reason::kGuestAllowed, "guest_allowed", SecurityStatus::kOk,
              "the policy lets guest logins in"},
    ReasonRow{Reason::kOutgoingNtlmAudited, "outgoing_ntlm_audited", SecurityStatus::kOk,
              "NTLM is used, which the settings ask to report"},
    ReasonRow{Reason::kGuestSettingNotDefault, "guest_setting_not_default", SecurityStatus::kOk,
              "the setting about insecure guest logons is not the default"},
    ReasonRow{Reason::kBindingMissing, "binding_missing", SecurityStatus::kBadBindings,
              "the client sent no channel binding, and mode 2 requires one"},
    ReasonRow{Reason::kBindingExplicitlyNone, "binding_explicitly_none",
              SecurityStatus::kBadBindings,
              "the client says that it had no TLS channel, but the login arrived over one"},
    ReasonRow{
        Reason::kBindingMismatch, "binding_mismatch", SecurityStatus::kBadBindings,
        "the client bound its login to another TLS channel: a relay, or a proxy that ends TLS"},
    ReasonRow{Reason::kBindingNotChecked, "binding_not_checked", SecurityStatus::kBadBindings,
              "the security package did not look at the channel binding"},
    ReasonRow{Reason::kChannelHasNoBinding, "channel_has_no_binding", SecurityStatus::kBadBindings,
              "this TLS channel has no binding to compare with"},
    ReasonRow{Reason::kServiceNameMissing, "service_name_missing", SecurityStatus::kLogonDenied,
              "the client named no service, and mode 2 requires one"},
    ReasonRow{Reason::kServiceNameEmpty, "service_name_empty", SecurityStatus::kLogonDenied,
              "the client named an empty service, and mode 2 requires one"},
    ReasonRow{
        Reason::kServiceNameUntrusted, "service_name_untrusted", SecurityStatus::kLogonDenied,
        "the client marks its service name as unverified, and mode 2 requires a verified one"},
    ReasonRow{Reason::kServiceNameMismatch, "service_name_mismatch", SecurityStatus::kLogonDenied,
              "the client meant another service"},
    ReasonRow{Reason::kMicRequired, "mic_required", SecurityStatus::kLogonDenied,
              "the policy requires a message integrity code and the client sent none"},
    ReasonRow{Reason::kAnonymousRefused, "anonymous_refused", SecurityStatus::kLogonDenied,
              "the policy refuses anonymous logins"},
    ReasonRow{Reason::kGuestRefused, "guest_refused", SecurityStatus::kLogonDenied,
              "the policy refuses guest logins"},
    ReasonRow{Reason::kMalformedToken, "malformed_token", SecurityStatus::kInvalidToken,
              "the token is malformed"},
    ReasonRow{Reason::kUnexpectedMessage, "unexpected_message", SecurityStatus::kInvalidToken,
              "the message does not belong to this state of the exchange"},
    ReasonRow{Reason::kTokenTooLarge, "token_too_large", SecurityStatus::kInvalidToken,
              "the token is larger than the package allows"},
    ReasonRow{Reason::kUnsupportedMechanism, "unsupported_mechanism", SecurityStatus::kInvalidToken,
              "no security package takes this token"},
    ReasonRow{Reason::kConnectionOwnerDiffers, "connection_owner_differs",
              SecurityStatus::kLogonDenied, "another user logged in on this connection before"},
    ReasonRow{Reason::kRefusedByPeer, "refused_by_peer", SecurityStatus::kLogonDenied,
              "the server refused the login"},
    ReasonRow{Reason::kNegotiationAltered, "negotiation_altered",
              SecurityStatus::kDowngradeDetected,
              "the negotiation of the mechanism was tampered with"},
    ReasonRow{Reason::kNtlmBlocked, "ntlm_blocked", SecurityStatus::kUnsupportedFunction,
              "the settings refuse NTLM for this account"},
    ReasonRow{Reason::kNtlmV1Refused, "ntlm_v1_refused", SecurityStatus::kLogonDenied,
              "the client answered with NTLMv1, which is refused"},
    ReasonRow{Reason::kLmRefused, "lm_refused", SecurityStatus::kLogonDenied,
              "the client answered with LM alone, which is refused"},
    ReasonRow{Reason::kLmV2OnlyRefused, "lm_v2_only_refused", SecurityStatus::kLogonDenied,
              "the client answered with LMv2 alone, which is refused"},
    ReasonRow{Reason::kWeakKeyRefused, "weak_key_refused", SecurityStatus::kUnsupportedFunction,
              "the client does not agree to 128-bit keys and extended session security"},
    ReasonRow{Reason::kWrongPassword, "wrong_password", SecurityStatus::kLogonDenied,
              "the proof does not match the account's password"},
    ReasonRow{Reason::kUnknownUser, "unknown_user", SecurityStatus::kLogonDenied,
              "there is no such account"},
    ReasonRow{Reason::kAccountDisabled, "account_disabled", SecurityStatus::kLogonDenied,
              "the account is disabled or has no password"},
    ReasonRow{Reason::kChallengeExpired, "challenge_expired", SecurityStatus::kLogonDenied,
              "the challenge was answered too late"},
    ReasonRow{Reason::kAvPairsAltered, "av_pairs_altered", SecurityStatus::kMessageAltered,
              "the challenge's target information did not come back unchanged"},
    ReasonRow{Reason::kDuplicateAvPair, "duplicate_av_pair", SecurityStatus::kMessageAltered,
              "the response carries the same AV pair twice"},
    ReasonRow{Reason::kMicMissing, "mic_missing", SecurityStatus::kMessageAltered,
              "the signed flags promise a message integrity code that is not there"},
    ReasonRow{Reason::kMicInvalid, "mic_invalid", SecurityStatus::kMessageAltered,
              "the message integrity code does not match the messages"},
    ReasonRow{Reason::kSessionKeyInvalid, "session_key_invalid", SecurityStatus::kInvalidToken,
              "the key exchange carries no valid session key"},
    ReasonRow{Reason::kReflectedChallenge, "reflected_challenge", SecurityStatus::kLogonDenied,
              "this host is asked to log in to itself: a reflection"},
    ReasonRow{Reason::kClientPolicyForbids, "client_policy_forbids",
              SecurityStatus::kUnsupportedFunction, "the client's policy forbids to answer"},
    ReasonRow{Reason::kTargetInfoMissing, "target_info_missing", SecurityStatus::kLogonDenied,
              "the challenge lacks the target information that signing needs"},
    ReasonRow{Reason::kServerFlagsUnacceptable, "server_flags_unacceptable",
              SecurityStatus::kUnsupportedFunction,
              "the server does not agree to what the client requires"},
    ReasonRow{Reason::kTicketInvalid, "ticket_invalid", SecurityStatus::kLogonDenied,
              "the Kerberos ticket or authenticator is not valid"},
    ReasonRow{Reason::kTicketExpired, "ticket_expired", SecurityStatus::kContextExpired,
              "the Kerberos ticket is expired or not yet valid"},
    ReasonRow{Reason::kClockSkew, "clock_skew", SecurityStatus::kTimeSkew,
              "the clocks differ too much"},
    ReasonRow{Reason::kReplay, "replay", SecurityStatus::kLogonDenied,
              "the Kerberos authenticator was used before"},
    ReasonRow{Reason::kKeyNotFound, "key_not_found", SecurityStatus::kWrongPrincipal,
              "there is no key for the ticket's service"},
    ReasonRow{Reason::kWrongKeyVersion, "wrong_key_version", SecurityStatus::kWrongPrincipal,
              "the keytab lacks the key version that the ticket was made with"},
    ReasonRow{Reason::kKeytabUnreadable, "keytab_unreadable", SecurityStatus::kNoCredentials,
              "the keytab cannot be read"},
    ReasonRow{Reason::kServiceNotAccepted, "service_not_accepted", SecurityStatus::kWrongPrincipal,
              "the ticket is for a service that this server does not accept"},
    ReasonRow{Reason::kEncryptionTypeRefused, "encryption_type_refused",
              SecurityStatus::kUnsupportedFunction,
              "the ticket or a key uses an encryption type that is refused"},
    ReasonRow{Reason::kMutualAuthenticationFailed, "mutual_authentication_failed",
              SecurityStatus::kWrongPrincipal, "the server could not prove that it has the key"},
    ReasonRow{Reason::kTargetUnknown, "target_unknown", SecurityStatus::kTargetUnknown,
              "the KDC does not know the service"},
    ReasonRow{Reason::kNoCredentials, "no_credentials", SecurityStatus::kNoCredentials,
              "there is no ticket and nothing to get one with"},
    ReasonRow{Reason::kAuthorityUnavailable, "authority_unavailable", SecurityStatus::kNoAuthority,
              "the accounts could not be read"},
    ReasonRow{Reason::kInternalFault, "internal_fault", SecurityStatus::kInternalError,
              "a fault of this side"},
    ReasonRow{Reason::kAbandoned, "abandoned", SecurityStatus::kInternalError,
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

}  // namespace epa
