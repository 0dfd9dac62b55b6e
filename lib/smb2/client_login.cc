// From the answer to NEGOTIATE to a session, or none ([MS-SMB2] 3.2.5.2, 3.2.5.3).
#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "epa/core/windows_event.h"
#include "epa/smb2/framing.h"
#include "lib/base/status_macros.h"
#include "lib/smb2/client_impl.h"

namespace epa::smb2 {
namespace {

GrantedSession GrantedBy(uint16_t session_flags) {
  if ((session_flags & kSessionIsGuest) != 0) {
    return GrantedSession::kGuest;
  }
  return (session_flags & kSessionIsNull) != 0 ? GrantedSession::kAnonymous : GrantedSession::kUser;
}

// Why there is no session without a key.
std::string_view DetailOf(GrantedSession granted, const GuestLogonPolicy& policy) {
  if (granted != GrantedSession::kGuest) {
    return "this login is an anonymous one, which nobody asked for or which cannot be protected";
  }
  if (!policy.allow_insecure_guest) {
    return "the server made this login a guest's, which the policy refuses";
  }
  return policy.require_signing
             ? "the server made this login a guest's, which cannot sign as is required"
             : "the server made this login a guest's, which cannot encrypt as is required";
}

}  // namespace

absl::Status ClientConnection::Impl::OnNegotiated(const Received& received) {
  if (received.header.status != kStatusSuccess) {
    ClientRefusal refusal;
    refusal.status = received.header.status;
    refusal.detail = "the server refused to negotiate";
    Refuse(std::move(refusal));
    return absl::OkStatus();
  }
  const auto response = ParseNegotiateResponse(received.message);
  if (!response.ok()) {
    RefuseAs(ClientRefusal::Kind::kProtocol, std::string(response.status().message()));
    return absl::OkStatus();
  }
  auto judged = JudgeNegotiateResponse(options_, offer_, *response);
  if (ClientRefusal* const refusal = std::get_if<ClientRefusal>(&judged); refusal != nullptr) {
    Refuse(std::move(*refusal));
    return absl::OkStatus();
  }
  negotiation_ = std::move(std::get<ClientNegotiation>(judged));
  signs_ = options_.require_signing || negotiation_->agreement.peer_requires_signing;
  preauth_.Update(received.message);
  state_ = State::kLoggingIn;
  return StepWith({});
}

absl::Status ClientConnection::Impl::OnSessionSetup(const Received& received) {
  const NtStatus status = received.header.status;
  if (status != kStatusSuccess && status != kStatusMoreProcessingRequired) {
    ClientRefusal refusal;
    refusal.status = status;
    refusal.detail = "the server refused the login";
    Refuse(std::move(refusal));
    return absl::OkStatus();
  }
  if (!TakeSessionId(received.header)) {
    RefuseAs(ClientRefusal::Kind::kProtocol, "the session's id is missing or changes");
    return absl::OkStatus();
  }
  if (status == kStatusSuccess) {
    return OnLastResponse(received);
  }
  const auto response = ParseSessionSetupResponse(received.message);
  if (!response.ok()) {
    RefuseAs(ClientRefusal::Kind::kProtocol, std::string(response.status().message()));
    return absl::OkStatus();
  }
  preauth_.Update(received.message);
  if (context_->established()) {
    RefuseAs(ClientRefusal::Kind::kProtocol, "the server asks for more after the last token");
    return absl::OkStatus();
  }
  return StepWith(response->token);
}

// Some servers say the id with their last response only. On 3.1.1 the responses before it are part
// of what the keys are made of, so that such a server has not understood the dialect.
bool ClientConnection::Impl::TakeSessionId(const Header& header) {
  const bool may_be_missing = header.status == kStatusMoreProcessingRequired && session_id_ == 0 &&
                              negotiation_->agreement.dialect != Dialect::k311;
  if (header.session_id == 0) {
    return may_be_missing;
  }
  if (session_id_ != 0 && session_id_ != header.session_id) {
    return false;
  }
  session_id_ = header.session_id;
  return true;
}

absl::Status ClientConnection::Impl::CountRound() {
  if (++rounds_ > options_.max_rounds) {
    RefuseAs(ClientRefusal::Kind::kProtocol, "the login takes too many messages");
  }
  return absl::OkStatus();
}

absl::Status ClientConnection::Impl::StepWith(std::span<const uint8_t> token) {
  return Conclude(context_->Step(token));
}

absl::Status ClientConnection::Impl::Conclude(absl::StatusOr<StepResult> result) {
  if (!result.ok()) {
    return result.status();
  }
  const bool last = !last_response_.empty();
  switch (result->state) {
    case StepState::kPending:
      state_ = State::kPending;
      output_.pending_work = std::move(result->pending_work);
      return absl::OkStatus();
    case StepState::kRejected: {
      ClientRefusal refusal;
      refusal.kind = ClientRefusal::Kind::kLogin;
      refusal.reason = context_->reason();
      refusal.detail = context_->reason_detail();
      Refuse(std::move(refusal));
      return absl::OkStatus();
    }
    case StepState::kContinue:
    case StepState::kEstablished:
      break;
  }
  if (!last) {
    SendToken(result->token);
    return absl::OkStatus();
  }
  if (result->state != StepState::kEstablished || !result->token.empty()) {
    RefuseAs(ClientRefusal::Kind::kProtocol, "the server ends the login before its last token");
    return absl::OkStatus();
  }
  return EstablishWithKey();
}

void ClientConnection::Impl::SendToken(const std::vector<uint8_t>& token) {
  constexpr size_t kMaxTokenSize = 0xFFFF;  // 2.2.5: SecurityBufferLength has 16 bits
  if (++rounds_ > options_.max_rounds || token.size() > kMaxTokenSize || credits_ == 0) {
    RefuseAs(ClientRefusal::Kind::kProtocol, "the login takes too many or too long messages");
    return;
  }
  SessionSetupRequest request;
  request.security_mode = static_cast<uint8_t>(offer_.security_mode);
  request.token = token;
  const std::vector<uint8_t> frame = WriteRequest(
      Command::kSessionSetup, 0, WriteSessionSetupRequest(request), 1, Protection::kNone);
  preauth_.Update(std::span(frame).subspan(kFrameHeaderSize));
  output_.send.insert(output_.send.end(), frame.begin(), frame.end());
}

absl::Status ClientConnection::Impl::OnLastResponse(const Received& received) {
  const auto response = ParseSessionSetupResponse(received.message);
  if (!response.ok()) {
    RefuseAs(ClientRefusal::Kind::kProtocol, std::string(response.status().message()));
    return absl::OkStatus();
  }
  const GrantedSession granted = GrantedBy(response->session_flags);
  if (granted != GrantedSession::kUser || options_.logon == LogonKind::kAnonymous) {
    OnSessionWithoutKey(granted);
    return absl::OkStatus();
  }
  encrypts_ = options_.encryption == EncryptionPolicy::kRequired ||
              (response->session_flags & kSessionEncryptData) != 0;
  last_response_.assign(received.message.begin(), received.message.end());
  if (!context_->established()) {
    return StepWith(response->token);
  }
  if (!response->token.empty()) {
    RefuseAs(ClientRefusal::Kind::kProtocol, "the server sends a token after the last one");
    return absl::OkStatus();
  }
  return EstablishWithKey();
}

// Its last token, if there is one, proves nothing and is not looked at.
void ClientConnection::Impl::OnSessionWithoutKey(GrantedSession granted) {
  GuestLogonPolicy policy;
  policy.allow_insecure_guest = options_.allow_insecure_guest;
  policy.require_signing = options_.require_signing;
  policy.require_encryption = options_.encryption == EncryptionPolicy::kRequired;
  const GuestLogonDecision decision =
      DecideGuestLogon(policy, negotiation_->agreement.dialect, options_.logon, granted);
  TellGuest(decision);
  if (decision.accepted) {
    granted_ = granted == GrantedSession::kGuest ? granted : GrantedSession::kAnonymous;
    state_ = State::kEstablished;
    return;
  }
  ClientRefusal refusal;
  refusal.kind = granted == GrantedSession::kGuest ? ClientRefusal::Kind::kGuestPolicy
                                                   : ClientRefusal::Kind::kAnonymous;
  refusal.win32_error = decision.win32_error;
  refusal.hresult = decision.hresult;
  refusal.reason =
      granted == GrantedSession::kGuest ? Reason::kGuestRefused : Reason::kAnonymousRefused;
  refusal.detail = DetailOf(granted, policy);
  Refuse(std::move(refusal));
}

// 3.2.5.3.1: keys, then the signature of the server's last word.
absl::Status ClientConnection::Impl::EstablishWithKey() {
  const Agreement& agreement = negotiation_->agreement;
  if (encrypts_ && !agreement.cipher.has_value()) {
    RefuseAs(ClientRefusal::Kind::kSecurity, "the server demands encryption, which is not agreed");
    return absl::OkStatus();
  }
  EPA_ASSIGN_OR_RETURN(const bool anonymous, context_->anonymous());
  if (anonymous) {  // everybody knows such a login's key
    OnSessionWithoutKey(GrantedSession::kAnonymous);
    return absl::OkStatus();
  }
  EPA_ASSIGN_OR_RETURN(SecretBytes key, context_->ExportSessionKey());
  security_.emplace(agreement, Sender::kClient, std::move(key), preauth_, session_id_);
  const std::vector<uint8_t> last = std::exchange(last_response_, {});
  EPA_ASSIGN_OR_RETURN(const Header header, ParseHeader(last));
  const bool must_be_signed = agreement.dialect == Dialect::k311 || signs_;
  const bool genuine = header.is_signed() ? security_->signer().Verify(last) : !must_be_signed;
  if (!genuine) {
    RefuseAs(ClientRefusal::Kind::kSecurity, "the last response of the login is not signed right");
    return absl::OkStatus();
  }
  const bool offered_3 = std::any_of(options_.dialects.begin(), options_.dialects.end(),
                                     [](Dialect dialect) { return dialect >= Dialect::k300; });
  validated_ = agreement.dialect == Dialect::k311 || !offered_3;
  state_ = State::kEstablished;
  return absl::OkStatus();
}

void ClientConnection::Impl::TellGuest(const GuestLogonDecision& decision) {
  if (options_.audit == nullptr || !decision.event.has_value()) {
    return;
  }
  const bool allowed = *decision.event == kEventGuestAllowed;
  AuditEvent event;
  event.time = options_.clock->Now();
  event.outcome = allowed ? AuditOutcome::kAccepted : AuditOutcome::kRefused;
  event.reason = allowed ? Reason::kGuestAllowed : Reason::kGuestRefused;
  event.status = StatusOf(event.reason);
  event.connection = options_.server_name;
  event.claims.user = options_.user_name;
  event.identity = IdentityKind::kGuest;
  event.target_name = options_.parameters.target_name;
  event.windows_event = allowed
                            ? InsecureGuestAllowedEvent(options_.user_name, options_.server_name)
                            : InsecureGuestRejectedEvent(options_.user_name, options_.server_name);
  options_.audit->OnEvent(event);
}

}  // namespace epa::smb2
