#include "providers/ntlm/initiator.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/byte_writer.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "lib/crypto/rc4.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/messages/flags.h"
#include "providers/ntlm/messages/negotiate_message.h"
#include "providers/ntlm/ntlmv2.h"
#include "providers/ntlm/windows_policy.h"

namespace epa::ntlm {
namespace {

constexpr uint32_t kAlwaysOffered = kNegotiateUnicode | kRequestTarget | kNegotiateNtlm |
                                    kNegotiateAlwaysSign | kNegotiateExtendedSessionSecurity |
                                    kNegotiateVersion | kNegotiate128 | kNegotiate56;
// The pairs a client writes itself: a server's copies of these would shadow ours (CVE-2019-1166).
bool IsClientsOwn(AvId id) {
  return id == AvId::kFlags || id == AvId::kSingleHost || id == AvId::kTargetName ||
         id == AvId::kChannelBindings;
}

uint32_t OfferedFlags(uint32_t wanted) {
  // The random session key is of use only to signing and sealing ([MS-NLMP] 3.1.5.1.2).
  return kAlwaysOffered | wanted | (wanted != 0 ? kNegotiateKeyExchange : 0);
}

std::string TextOf(const AvPairs& pairs, AvId id) {
  const AvPair* pair = pairs.Find(id);
  return pair == nullptr ? std::string() : Utf16LeToUtf8(pair->value).value_or(std::string());
}

}  // namespace

NtlmInitiator::NtlmInitiator(std::shared_ptr<const InitiatorCredentials> credentials,
                             const Channel& channel, std::unique_ptr<InitiatorExchange> exchange,
                             ExtendedProtectionEvidence evidence)
    : NtlmMechanism(Direction::kClientToServer),
      credentials_(std::move(credentials)),
      channel_(channel),
      exchange_(std::move(exchange)),
      evidence_(std::move(evidence)) {}

absl::StatusOr<MechanismResult> NtlmInitiator::Step(std::span<const uint8_t> token) {
  switch (state_) {
    case State::kStart:
      return token.empty() ? SendNegotiate() : Reject(Reason::kUnexpectedMessage);
    case State::kExpectChallenge:
      return OnChallenge(token);
    case State::kVerified:
    case State::kEnded:
      break;
  }
  return Reject(Reason::kUnexpectedMessage);
}

absl::StatusOr<MechanismResult> NtlmInitiator::Resume(std::unique_ptr<PendingWork>) {
  return absl::FailedPreconditionError("an NTLM initiator has no pending work");
}

absl::StatusOr<MechanismResult> NtlmInitiator::SendNegotiate() {
  credentials_->ReportOutgoing(exchange_->destination);
  if (exchange_->destination.outgoing == OutgoingTraffic::kDeny) {
    return Reject(Reason::kClientPolicyForbids, std::string(kOutgoingSetting));
  }
  NegotiateMessage message;
  message.flags = OfferedFlags(exchange_->request.wanted);
  message.version = kOurVersion;
  EPA_ASSIGN_OR_RETURN(exchange_->negotiate, WriteNegotiateMessage(message));
  state_ = State::kExpectChallenge;
  return MechanismResult::Continue(exchange_->negotiate);
}

absl::StatusOr<MechanismResult> NtlmInitiator::OnChallenge(std::span<const uint8_t> token) {
  if (token.size() > NtlmPackageInfo().max_token_size) {
    return Reject(Reason::kTokenTooLarge);
  }
  const auto type = PeekMessageType(token);
  if (type.has_value() && *type != MessageType::kChallenge) {
    return Reject(Reason::kUnexpectedMessage);
  }
  ChallengeMessage challenge;
  if (const auto fault = ReadChallengeMessage(token, challenge)) {
    return Reject(fault->kind == FaultKind::kDuplicateAvPair ? Reason::kDuplicateAvPair
                                                             : Reason::kMalformedToken,
                  std::string(FaultToStatus(*fault).message()));
  }
  if (const Reason reason = JudgeChallenge(challenge); reason != Reason::kNone) {
    return Reject(reason);
  }
  server_.domain = TextOf(challenge.av_pairs, AvId::kNbDomainName);
  server_.workstation = TextOf(challenge.av_pairs, AvId::kNbComputerName);
  EPA_RETURN_IF_ERROR(SettleBinding());
  EPA_ASSIGN_OR_RETURN(auto authenticate, Authenticate(challenge, token));
  exchange_.reset();
  state_ = State::kVerified;
  return MechanismResult::Verified(std::move(authenticate));
}

Reason NtlmInitiator::JudgeChallenge(const ChallengeMessage& challenge) const {
  if ((challenge.flags & kNegotiateUnicode) == 0) {
    return Reason::kServerFlagsUnacceptable;
  }
  const uint32_t granted = exchange_->request.wanted & challenge.flags;
  const uint32_t needed = kNegotiateExtendedSessionSecurity |
                          SessionSecurityFlags(credentials_->policy().minimum_session_security);
  if ((granted & exchange_->request.required) != exchange_->request.required ||
      (granted != 0 && (challenge.flags & needed) != needed)) {
    return Reason::kServerFlagsUnacceptable;
  }
  // [MS-NLMP] 3.1.5.1.2: with integrity or confidentiality, both NetBIOS names must be there.
  const bool named = challenge.av_pairs.Find(AvId::kNbComputerName) != nullptr &&
                     challenge.av_pairs.Find(AvId::kNbDomainName) != nullptr;
  if (granted != 0 && !named) {
    return Reason::kTargetInfoMissing;
  }
  const ReflectionGuard* guard = credentials_->reflection_guard();
  if (guard != nullptr && guard->IsOurs(challenge.server_challenge)) {
    return Reason::kReflectedChallenge;
  }
  return Reason::kNone;
}

absl::Status NtlmInitiator::SettleBinding() {
  if (exchange_->claims.binding == BindingRequest::kOmit) {
    return absl::OkStatus();
  }
  EPA_ASSIGN_OR_RETURN(exchange_->binding, BindingToSend(channel_, exchange_->claims.binding));
  evidence_.binding =
      exchange_->binding.IsZero() ? BindingEvidence::kExplicitNone : BindingEvidence::kMatched;
  evidence_.matched_binding = channel_.Find(exchange_->binding);
  return absl::OkStatus();
}

// The NTLMv2 response ([MS-NLMP] 3.3.2), and the session key that comes with its proof.
std::vector<uint8_t> NtlmInitiator::WriteResponse(const ChallengeMessage& challenge,
                                                  Secret<16>& session_key) {
  const size_t claims_size =
      128 + (exchange_->claims.target_name ? exchange_->claims.target_name->size() : 0);
  ByteWriter response(kNtlmV2PrefixSize + challenge.target_info.size() + claims_size);
  std::array<uint8_t, 8> client_challenge{};
  credentials_->random().Fill(client_challenge);
  response.WriteZeros(kNtProofSize);
  response.WriteU8(1);  // RespType, [MS-NLMP] 2.2.2.7
  response.WriteU8(1);  // HiRespType
  response.WriteZeros(6);
  response.WriteU64(challenge.av_pairs.timestamp().value_or(credentials_->clock().Now()));
  response.WriteBytes(client_challenge);
  response.WriteZeros(4);
  for (const AvPair& pair : challenge.av_pairs.pairs()) {
    if (!IsClientsOwn(pair.id)) {
      // A pair that was read fits a pair that is written.
      (void)WriteAvPair(pair.id, pair.value, response);
    }
  }
  WriteClaims(response);
  WriteAvEol(response);
  response.WriteZeros(4);

  std::vector<uint8_t> octets = std::move(response).Take();
  const std::span<uint8_t> all(octets);
  const Secret<16>& ntowf = credentials_->identity().ntowf;
  const Secret<16> proof = NtProof(ntowf, challenge.server_challenge, all.subspan(kNtProofSize));
  std::copy(proof.Expose().begin(), proof.Expose().end(), all.begin());
  session_key = SessionBaseKey(ntowf, proof.Expose());
  return octets;
}

// In Windows' order: flags, single host, channel bindings, target name.
void NtlmInitiator::WriteClaims(ByteWriter& response) const {
  WriteAvFlags(
      kAvFlagMicPresent |
          (exchange_->claims.target_name_untrusted ? kAvFlagUntrustedTargetName : uint32_t{0}),
      response);
  if (const ReflectionGuard* guard = credentials_->reflection_guard()) {
    WriteAvSingleHost(guard->machine_id(), response);
  }
  // Both fit: a token has 16 octets, and the name was measured when the claims were made.
  if (exchange_->claims.binding != BindingRequest::kOmit) {
    (void)WriteAvPair(AvId::kChannelBindings, exchange_->binding.octets, response);
  }
  if (exchange_->claims.target_name.has_value()) {
    (void)WriteAvPair(AvId::kTargetName, *exchange_->claims.target_name, response);
  }
}

absl::StatusOr<std::vector<uint8_t>> NtlmInitiator::Authenticate(
    const ChallengeMessage& challenge, std::span<const uint8_t> challenge_octets) {
  const InitiatorIdentity& identity = credentials_->identity();
  constexpr std::array<uint8_t, 24> kNoLmResponse{};
  constexpr std::array<uint8_t, 1> kAnonymousLmResponse{};
  std::vector<uint8_t> response;
  Secret<16> session_key;
  const uint32_t agreed = OfferedFlags(exchange_->request.wanted) & challenge.flags;
  AuthenticateMessage message;
  message.flags = agreed;
  message.version = kOurVersion;
  if (identity.anonymous) {
    message.flags |= kNegotiateAnonymous;
    message.lm_response = kAnonymousLmResponse;
  } else {
    response = WriteResponse(challenge, session_key);
    // Never LMv2, which carries neither bindings nor a MIC (CVE-2019-1338).
    message.lm_response = kNoLmResponse;
    message.nt_response = response;
    message.user = identity.user;
    message.domain = identity.domain;
    message.workstation = identity.workstation;
  }
  Secret<16> exported_session_key = session_key;
  Secret<16> wrapped;
  // Offered with a wish for signing or sealing alone. Where that wish is not granted and the
  // exchange is, [MS-NLMP] 3.1.5.1.2 has no key, but the servers that grant so expect one
  // (impacket), and clients send it (Samba).
  if ((agreed & kNegotiateKeyExchange) != 0) {
    credentials_->random().Fill(exported_session_key.ExposeMutable());
    wrapped = crypto::Rc4WrapKey(session_key, exported_session_key.Expose());
    message.encrypted_session_key = wrapped.Expose();
  }
  EPA_ASSIGN_OR_RETURN(WrittenAuthenticate written, WriteAuthenticateMessage(message));
  if (!identity.anonymous) {
    const Secret<16> mic = Mic(exported_session_key, exchange_->negotiate, challenge_octets,
                               written.octets, written.mic_offset);
    std::copy(mic.Expose().begin(), mic.Expose().end(),
              std::span(written.octets).subspan(written.mic_offset).begin());
  }
  BeginSession(agreed, exported_session_key);
  return std::move(written.octets);
}

MechanismResult NtlmInitiator::Reject(Reason reason, std::string detail) {
  state_ = State::kEnded;
  exchange_.reset();
  EndSession();
  return MechanismResult::Rejected(reason, std::move(detail));
}

// Without signing there is no key for it.
bool NtlmInitiator::demands_mechanism_list_mic() const {
  return CanSign() && !credentials_->identity().anonymous;
}

}  // namespace epa::ntlm
