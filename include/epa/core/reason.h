// Why an exchange ended as it did: precise, for the operator, never for the peer.
#ifndef EPA_CORE_REASON_H_
#define EPA_CORE_REASON_H_

#include <cstdint>
#include <string_view>

#include "epa/core/security_status.h"

#pragma GCC visibility push(default)

namespace epa {

// The list may grow. Programs branch on SecurityStatus; people read ReasonName and ReasonText.
enum class Reason : uint8_t {
  kNone,

  // Accepted by the policy.
  kLegacyMode,                 // mode 0 looks at nothing
  kBindingMatched,             // the client bound this channel
  kBindingMissingAllowed,      // no binding, and mode 1 forgives that
  kProxyBindingPresent,        // bound to some TLS channel, ended at the trusted proxy
  kServiceNameMatched,         // the target name is one of ours
  kServiceNameMissingAllowed,  // no target name, and mode 1 forgives that
  kServiceNameNotChecked,      // no service-name check was asked for
  kAnonymousAllowed,           // anonymous, and the policy lets it in
  kGuestAllowed,               // guest, and the policy lets it in
  kOutgoingNtlmAudited,        // a client's view: NTLM is used, which a setting asks to report
  kGuestSettingNotDefault,     // a setting says otherwise about guests than the product would

  // Refused by the policy.
  kBindingMissing,         // mode 2 and the client sent no binding
  kBindingExplicitlyNone,  // the client says that it saw no TLS channel
  kBindingMismatch,        // bound to another channel: a relay
  kBindingNotChecked,      // the provider could not say
  kChannelHasNoBinding,    // TLS, but this side has nothing to compare with
  kServiceNameMissing,
  kServiceNameEmpty,
  kServiceNameUntrusted,      // the client marks its own target name as unverified
  kServiceNameMismatch,       // meant for another service
  kServiceNameNotVouchedFor,  // one of ours, but no proof covers the name
  kServiceKeyShared,  // the ticket's key, declared this service's alone, has other names too
  kMicRequired,       // the policy demands a MIC and there is none
  kAnonymousRefused,
  kGuestRefused,

  // Refused by a provider: the message.
  kMalformedToken,
  kUnexpectedMessage,  // a valid message in the wrong state
  kTokenTooLarge,
  kUnsupportedMechanism,
  kConnectionOwnerDiffers,  // somebody else logged in on this connection before
  kRefusedByPeer,           // a client's view: the server refused
  kNegotiationAltered,      // the mechanism list or choice was tampered with
  kHttp11Required,          // a request over HTTP/2 or 3, which carry no login of a connection
  kSecurityLayerForbidden,  // SASL: a security layer where there may be none, or one not offered
  kSecurityLayerRequired,   // SASL: no security layer where the settings demand one
  kAuthorizationRefused,    // SASL: the client may not act as whom it named

  // Refused by a provider: NTLM.
  kNtlmBlocked,      // our settings refuse NTLM for this account
  kNtlmV1Refused,    // a 24-octet NT response
  kLmRefused,        // an LM response alone
  kLmV2OnlyRefused,  // an LMv2 response without an NTLMv2 one
  kWeakKeyRefused,   // 128-bit keys or extended session security not negotiated
  kWrongPassword,
  kUnknownUser,
  kAccountDisabled,
  kAccountLockedOut,
  kAccountExpired,
  kPasswordExpired,
  kPasswordMustChange,
  kLogonHours,          // outside the hours the account may log in
  kWorkstationRefused,  // not from this workstation
  kLogonTypeRefused,    // the account may not log in in this way
  kAccountRestricted,   // another restriction of the account
  kTrustFailed,         // the domain does not trust this computer, or the account's domain
  kAccountIsComputer,   // a computer's account, which the server was not set up for
  kChallengeExpired,
  kAvPairsAltered,   // our challenge's target information did not come back unchanged
  kDuplicateAvPair,  // an AV pair occurs twice: one may shadow the other
  kMicMissing,       // the signed flags promise a MIC that is not there
  kMicInvalid,
  kSessionKeyInvalid,        // key exchange without a valid encrypted session key
  kReflectedChallenge,       // our own challenge came back to us
  kClientPolicyForbids,      // our own client policy refuses to answer
  kTargetInfoMissing,        // a challenge that cannot carry what the client wants to sign
  kServerFlagsUnacceptable,  // the server did not agree to what the client requires

  // Refused by a provider: Kerberos.
  kTicketInvalid,
  kTicketExpired,
  kClockSkew,
  kReplay,
  kKeyNotFound,
  kWrongKeyVersion,             // the keytab has the service, but not with the ticket's key version
  kServiceNotAccepted,          // a ticket for a service that this server was not set up for
  kPacRequired,                 // no verified PAC names the account, which the settings demand
  kEncryptionTypeRefused,       // RC4 or single DES
  kMutualAuthenticationFailed,  // a client's view: the server could not prove itself
  kTargetUnknown,               // a client's view: the KDC does not know the service
  kNoCredentials,               // a client's view: no ticket and nothing to get one with

  // Ended for other reasons.
  kAuthorityUnavailable,  // a fault of ours: the accounts could not be read
  kInternalFault,
  kAbandoned,  // the context was released half-way
};

// A stable lower-case name such as "binding_mismatch", for logs and JSON.
std::string_view ReasonName(Reason reason);
// One plain sentence for an operator.
std::string_view ReasonText(Reason reason);
// The SSPI code that goes with it.
SecurityStatus StatusOf(Reason reason);
// The NTSTATUS that Windows would log ([MS-ERREF] 2.3.1): for operators, since peers are told one
// value for every refusal.
uint32_t NtStatusOf(Reason reason);

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_REASON_H_
