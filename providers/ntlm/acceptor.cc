#include "providers/ntlm/acceptor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/upper_case.h"
#include "lib/base/utf16.h"
#include "lib/crypto/rc4.h"
#include "providers/ntlm/logon_work.h"
#include "providers/ntlm/messages/flags.h"
#include "providers/ntlm/messages/negotiate_message.h"
#include "providers/ntlm/ntlmv2.h"
#include "providers/ntlm/pair_evidence.h"
#include "providers/ntlm/proof_check.h"
#include "providers/ntlm/windows_policy.h"

namespace epa::ntlm {
namespace {

// A NEGOTIATE message carries at most two names of 255 octets beside its 40; it is kept until the
// MIC is checked.
constexpr size_t kMaxNegotiateSize = 1024;

Reason ReasonOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::kMalformed:
      return Reason::kMalformedToken;
    case FaultKind::kDuplicateAvPair:
      return Reason::kDuplicateAvPair;
    case FaultKind::kMicMissing:
      return Reason::kMicMissing;
    case FaultKind::kSessionKeyMissing:
      return Reason::kSessionKeyInvalid;
  }
  return Reason::kMalformedToken;
}

// Responses older than NTLMv2. Without an NT response the octets do not tell LM from LMv2, but LM
// excludes extended session security ([MS-NLMP] 2.2.2.5 G and P).
Reason RefuseOldResponse(const AuthenticateMessage& message) {
  if (message.nt_kind == NtResponseKind::kNtlmV1) {
    return Reason::kNtlmV1Refused;
  }
  return (message.flags & kNegotiateExtendedSessionSecurity) != 0 ? Reason::kLmV2OnlyRefused
                                                                  : Reason::kLmRefused;
}

bool IsAnonymous(const AuthenticateMessage& message) {
  return message.anonymous() && message.lm_kind == LmResponseKind::kNone;
}

bool ReadNames(const AuthenticateMessage& message, PeerClaims& out) {
  auto user = NameToUtf8(message.user, message.flags);
  auto domain = NameToUtf8(message.domain, message.flags);
  auto workstation = NameToUtf8(message.workstation, message.flags);
  if (!user.has_value() || !domain.has_value() || !workstation.has_value()) {
    return false;
  }
  out.user = *std::move(user);
  out.domain = *std::move(domain);
  out.workstation = *std::move(workstation);
  return true;
}

LogonRequest RequestFor(const PeerClaims& claims, const IssuedChallenge& issued,
                        const AuthenticateMessage& message) {
  LogonRequest request;
  request.user = claims.user;
  request.domain = claims.domain;
  request.workstation = claims.workstation;
  request.server_challenge = issued.server_challenge;
  request.nt_response = message.nt_response;
  return request;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Mechanism>> AcceptorCredentials::CreateAcceptor(
    const Channel& channel) const {
  auto self = std::static_pointer_cast<const AcceptorCredentials>(shared_from_this());
  return std::make_unique<NtlmAcceptor>(std::move(self), channel);
}

bool AcceptorCredentials::RecognizesToken(std::span<const uint8_t> token) const {
  return PeekMessageType(token) == MessageType::kNegotiate;
}

IssuedChallenge AcceptorCredentials::IssueChallenge(uint32_t offered_flags) const {
  IssuedChallenge issued;
  issued.flags = challenge_.AnswerFlags(offered_flags);
  issued.time = options_.clock->Now();
  issued.issued_at = options_.clock->Monotonic();
  options_.random->Fill(issued.server_challenge);
  if (options_.reflection_guard != nullptr) {
    options_.reflection_guard->RecordIssued(issued.server_challenge);
  }
  return issued;
}

PeerIdentity AcceptorCredentials::IdentityOf(const PeerIdentity& verified) const {
  const AccountIdentity* const account = verified.account();
  if (account == nullptr) {
    return verified;
  }
  const std::string& computer = options_.names.netbios_computer;
  const bool settled =
      account->local ? !account->domain.empty() : !EqualsIgnoringCase(account->domain, computer);
  if (settled) {
    return verified;
  }
  AccountIdentity local = *account;
  local.local = true;
  local.domain = computer;
  return PeerIdentity::Account(std::move(local));
}

absl::StatusOr<MechanismResult> NtlmAcceptor::Step(std::span<const uint8_t> token) {
  if (token.size() > NtlmPackageInfo().max_token_size) {
    return Reject(Reason::kTokenTooLarge);
  }
  const auto type = PeekMessageType(token);
  if (!type.has_value()) {
    return Reject(Reason::kMalformedToken, "offset 0: not an NTLM message");
  }
  if (state_ == State::kExpectNegotiate && *type == MessageType::kNegotiate) {
    return OnNegotiate(token);
  }
  if (state_ == State::kExpectAuthenticate && *type == MessageType::kAuthenticate) {
    return OnAuthenticate(token);
  }
  return Reject(Reason::kUnexpectedMessage);
}

MechanismResult NtlmAcceptor::OnNegotiate(std::span<const uint8_t> token) {
  if (credentials_->incoming() == IncomingTraffic::kDenyAll) {
    return Reject(Reason::kNtlmBlocked, std::string(kIncomingSetting));
  }
  if (token.size() > kMaxNegotiateSize) {
    return Reject(Reason::kTokenTooLarge);
  }
  NegotiateMessage message;
  if (const auto fault = ReadNegotiateMessage(token, message)) {
    return Reject(ReasonOf(fault->kind), std::string(FaultToStatus(*fault).message()));
  }
  exchange_ = std::make_unique<Exchange>();
  exchange_->negotiate.assign(token.begin(), token.end());
  exchange_->issued = credentials_->IssueChallenge(message.flags);
  state_ = State::kExpectAuthenticate;
  return MechanismResult::Continue(credentials_->challenge().Write(exchange_->issued));
}

absl::StatusOr<MechanismResult> NtlmAcceptor::OnAuthenticate(std::span<const uint8_t> token) {
  login_ = std::make_unique<Login>();
  AuthenticateMessage message;
  const auto fault = ReadAuthenticateMessage(token, message);
  // The names go into the audit event even when the rest is broken.
  const bool names_read = ReadNames(message, login_->claims);
  if (fault.has_value()) {
    return Reject(ReasonOf(fault->kind), std::string(FaultToStatus(*fault).message()));
  }
  const bool anonymous = IsAnonymous(message);
  // Before the names: wget 1.21 announces Unicode, sends OEM names, and NTLMv1 is why it fails.
  if (!anonymous && message.nt_kind != NtResponseKind::kNtlmV2) {
    return Reject(RefuseOldResponse(message));
  }
  if (!names_read) {
    return Reject(Reason::kMalformedToken, "a name is not well-formed text");
  }
  if (anonymous) {
    return VerifiedWithoutProof();
  }
  const AcceptorOptions& options = credentials_->options();
  if (options.clock->Monotonic() - exchange_->issued.issued_at > options.challenge_lifetime) {
    return Reject(Reason::kChallengeExpired);
  }
  const uint32_t agreed = message.flags & exchange_->issued.flags;
  const uint32_t needed = SessionSecurityFlags(options.minimum_session_security);
  if ((agreed & (kNegotiateSign | kNegotiateSeal)) != 0 && (agreed & needed) != needed) {
    return Reject(Reason::kWeakKeyRefused);
  }
  return AskAuthority(message, token);
}

absl::StatusOr<MechanismResult> NtlmAcceptor::AskAuthority(const AuthenticateMessage& message,
                                                           std::span<const uint8_t> token) {
  const NtlmAuthority& authority = *credentials_->options().authority;
  LogonRequest request = RequestFor(login_->claims, exchange_->issued, message);
  request.parameters = credentials_->options().logon;
  EPA_ASSIGN_OR_RETURN(const std::optional<LogonVerdict> verdict, authority.VerifyAtOnce(request));
  if (!verdict.has_value()) {
    auto question =
        std::make_shared<LogonQuestion>(credentials_->options().authority, request, token);
    auto work = std::make_unique<LogonWork>(question);
    exchange_->question = std::move(question);
    exchange_->pending = work.get();
    state_ = State::kVerifying;
    return MechanismResult::Pending(std::move(work));
  }
  return OnVerdict(message, token, *verdict);
}

absl::StatusOr<MechanismResult> NtlmAcceptor::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kVerifying || work == nullptr || work.get() != exchange_->pending) {
    return absl::FailedPreconditionError("this work does not belong to this exchange");
  }
  state_ = State::kEnded;
  const auto question = std::exchange(exchange_->question, nullptr);
  EPA_ASSIGN_OR_RETURN(const LogonVerdict verdict, question->verdict());
  AuthenticateMessage message;
  if (const auto fault = ReadAuthenticateMessage(question->token(), message)) {
    return absl::InternalError("a message that was read once cannot be read again");
  }
  return OnVerdict(message, question->token(), verdict);
}

MechanismResult NtlmAcceptor::OnVerdict(const AuthenticateMessage& message,
                                        std::span<const uint8_t> token,
                                        const LogonVerdict& verdict) {
  if (!verdict.verified()) {
    return Reject(verdict.refusal(), verdict.detail());
  }
  login_->identity = credentials_->IdentityOf(verdict.identity());
  const AccountIdentity* const account = login_->identity.account();
  if (account == nullptr) {
    return VerifiedWithoutProof();
  }
  if (credentials_->incoming() == IncomingTraffic::kDenyDomainAccounts && !account->local) {
    return Reject(Reason::kNtlmBlocked, std::string(kIncomingSetting) + ": a domain account");
  }
  return AcceptUser(message, token, verdict);
}

// The proof holds, so every AV pair is the client's own word. In order: echo, keys, MIC, evidence.
MechanismResult NtlmAcceptor::AcceptUser(const AuthenticateMessage& message,
                                         std::span<const uint8_t> token,
                                         const LogonVerdict& verdict) {
  const AvPairs& pairs = message.v2.av_pairs;
  if (const AvPair* altered =
          credentials_->challenge().FirstPairNotEchoed(exchange_->issued.time, pairs)) {
    return Reject(Reason::kAvPairsAltered, std::string(AvIdName(altered->id)));
  }
  const auto& guard = credentials_->options().reflection_guard;
  if (const auto host = pairs.single_host();
      guard != nullptr && host.has_value() &&
      std::ranges::equal(host->machine_id, guard->machine_id())) {
    return Reject(Reason::kReflectedChallenge);
  }
  const uint32_t agreed = message.flags & exchange_->issued.flags;
  Secret<16> exported_session_key = verdict.session_base_key();
  if (ExchangesSessionKey(agreed)) {
    if (message.encrypted_session_key.size() != exported_session_key.Expose().size()) {
      return Reject(Reason::kSessionKeyInvalid);
    }
    exported_session_key =
        crypto::Rc4WrapKey(verdict.session_base_key(), message.encrypted_session_key.first<16>());
  }
  // Only the signed flags say whether there is a MIC (CVE-2019-1040).
  const bool mic_promised = (pairs.flags().value_or(0) & kAvFlagMicPresent) != 0;
  if (mic_promised && !message.mic_offset.has_value()) {
    return Reject(Reason::kMicMissing);
  }
  if (mic_promised && !MicMatches(message, token, exported_session_key)) {
    return Reject(Reason::kMicInvalid);
  }
  login_->evidence.mic = mic_promised ? MicEvidence::kVerified : MicEvidence::kAbsent;
  if (!CollectPairEvidence(pairs, channel_, login_->evidence)) {
    return Reject(Reason::kMalformedToken, "the target name is not well-formed text");
  }
  return Verified(agreed, exported_session_key);
}

bool NtlmAcceptor::MicMatches(const AuthenticateMessage& message, std::span<const uint8_t> token,
                              const Secret<16>& exported_session_key) const {
  const std::vector<uint8_t> challenge = credentials_->challenge().Write(exchange_->issued);
  const Secret<16> mic =
      Mic(exported_session_key, exchange_->negotiate, challenge, token, *message.mic_offset);
  return ProofMatches(mic.Expose(), MicOf(message, token));
}

MechanismResult NtlmAcceptor::VerifiedWithoutProof() {
  // Nothing the message carries is evidence.
  login_->evidence.binding = BindingEvidence::kAbsent;
  login_->evidence.mic = MicEvidence::kAbsent;
  return Verified(/*agreed_flags=*/0, Secret<16>());
}

MechanismResult NtlmAcceptor::Verified(uint32_t agreed_flags,
                                       const Secret<16>& exported_session_key) {
  state_ = State::kVerified;
  BeginSession(agreed_flags, exported_session_key);
  exchange_.reset();
  return MechanismResult::Verified();
}

MechanismResult NtlmAcceptor::Reject(Reason reason, std::string detail) {
  state_ = State::kEnded;
  exchange_.reset();
  EndSession();
  return MechanismResult::Rejected(reason, std::move(detail));
}

const PeerIdentity& NtlmAcceptor::identity() const {
  return login_ == nullptr ? Mechanism::identity() : login_->identity;
}

const PeerClaims& NtlmAcceptor::claims() const {
  return login_ == nullptr ? Mechanism::claims() : login_->claims;
}

const ExtendedProtectionEvidence& NtlmAcceptor::evidence() const {
  static const auto& none = *new ExtendedProtectionEvidence();
  return login_ == nullptr ? none : login_->evidence;
}

// Without signing there is no key for it.
bool NtlmAcceptor::demands_mechanism_list_mic() const {
  return CanSign() && login_->evidence.mic == MicEvidence::kVerified;
}

}  // namespace epa::ntlm
