// Requests by command, and the answers to those that are not the application's.
#include <algorithm>
#include <utility>

#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/messages/short_messages.h"
#include "lib/smb2/messages/validate_negotiate.h"
#include "lib/smb2/server_impl.h"

namespace epa::smb2 {
namespace {

// 3.3.5.2.9: what a client may still ask for when its session has expired.
bool EndsSomething(Command command) {
  return command == Command::kLogoff || command == Command::kClose || command == Command::kLock;
}

}  // namespace

NtStatus ServerConnection::Impl::Dispatch(const Incoming& request) {
  const Header& header = request.header;
  const bool changes_sessions =
      header.command == Command::kSessionSetup || header.command == Command::kLogoff;
  if (changes_sessions && !request.alone) {
    return AnswerOutOfPlace(request, kStatusInvalidParameter);
  }
  if (header.command == Command::kNegotiate) {
    return OnNegotiate(request);
  }
  if (header.command == Command::kSessionSetup) {
    return OnSessionSetup(request);
  }
  if (header.command == Command::kEcho && header.session_id == 0) {
    if (!IsShortBody(request.body())) {
      return AnswerError(request, kStatusInvalidParameter);
    }
    Answer(header, kStatusSuccess, kShortBody);
    return kStatusSuccess;
  }
  return OnSessionRequest(request);
}

NtStatus ServerConnection::Impl::OnNegotiate(const Incoming& request) {
  if (negotiation_.has_value() || !request.alone) {
    return Close(absl::InvalidArgumentError("NEGOTIATE a second time, or in a compound"));
  }
  auto parsed = ParseNegotiateRequest(request.message);
  if (request.header.is_signed()) {  // 3.3.5.2.4
    parsed = absl::InvalidArgumentError("NEGOTIATE is signed, and there is no key yet");
  }
  if (!parsed.ok()) {
    AnswerError(request, kStatusInvalidParameter);
    return Close(parsed.status());
  }
  NegotiationAnswer answer = AnswerNegotiate(*config_, *parsed);
  if (answer.status != kStatusSuccess) {
    AnswerError(request, answer.status);
    return Close(absl::InvalidArgumentError("the client and this server have nothing in common"));
  }
  negotiation_ = std::move(answer.negotiation);
  PreauthHash& preauth = negotiation_->agreement.preauth;
  preauth.Update(request.message);
  preauth.Update(Answer(request.header, kStatusSuccess, answer.body));
  return kStatusSuccess;
}

NtStatus ServerConnection::Impl::OnSessionSetup(const Incoming& request) {
  EstablishedSession* const session = logins_.Find(request.header.session_id);
  if (session == nullptr && request.encrypted()) {
    return AnswerError(request, kStatusRequestNotAccepted);
  }
  // Who logs in again on a session shows first that it is his.
  if (session != nullptr &&
      !session->AdmitsLogin(request.header, request.message, request.encrypted())) {
    return AnswerError(request, kStatusAccessDenied);
  }
  return AnswerLogin(request.header, request.encrypted(),
                     logins_.OnRequest(request.header, request.message, negotiation_->agreement));
}

NtStatus ServerConnection::Impl::AnswerLogin(const Header& request, bool encrypted,
                                             LoginStep step) {
  if (step.pending_work != nullptr) {
    state_ = State::kPending;
    pending_request_ = request;
    pending_encrypted_ = encrypted;
    output_.pending_work = std::move(step.pending_work);
    return kStatusSuccess;
  }
  Header header = request;
  header.session_id = step.session_id;
  EstablishedSession* const session = logins_.Find(step.session_id);
  SessionSecurity* const security = session != nullptr ? session->security() : nullptr;
  Protection protection = Protection::kNone;
  if (step.again && session != nullptr) {
    protection = session->ResponseProtection(request, encrypted);
  } else if (security != nullptr) {
    protection = Protection::kSign;  // 3.3.5.5.3: the last response of a login that has a key
  }
  if (step.status == kStatusSuccess || step.status == kStatusMoreProcessingRequired) {
    const auto message =
        Answer(header, step.status, WriteSessionSetupResponse({step.session_flags, step.token}),
               protection, security);
    if (step.status == kStatusMoreProcessingRequired) {
      logins_.HashResponse(step.session_id, message);
    }
    return step.status;
  }
  Answer(header, step.status, kErrorBody, protection, security);
  if (!step.fault.ok()) {
    Close(std::move(step.fault));
  } else if (step.failed_login && ++failures_ >= config_->options().max_failures) {
    Close(absl::ResourceExhaustedError("too many logins were refused on this connection"));
  }
  return step.status;
}

NtStatus ServerConnection::Impl::OnSessionRequest(const Incoming& request) {
  EstablishedSession* const session = logins_.Find(request.header.session_id);
  if (session == nullptr) {
    return AnswerError(request, kStatusUserSessionDeleted);
  }
  if (!session->Admits(request.header, request.message, request.encrypted())) {
    return AnswerError(request, kStatusAccessDenied);
  }
  const Command command = request.header.command;
  if (!EndsSomething(command) && session->ExpiredAt(config_->options().clock->Now())) {
    return AnswerOnSession(request, *session, kStatusNetworkSessionExpired, kErrorBody);
  }
  const bool is_short = command == Command::kLogoff || command == Command::kEcho;
  if (is_short && !IsShortBody(request.body())) {
    return AnswerOnSession(request, *session, kStatusInvalidParameter, kErrorBody);
  }
  if (command == Command::kLogoff) {
    return OnLogoff(request, *session);
  }
  if (command == Command::kEcho) {
    return AnswerOnSession(request, *session, kStatusSuccess, kShortBody);
  }
  if (command == Command::kTreeConnect) {
    return OnTreeConnect(request, *session);
  }
  if (command == Command::kIoctl && IoctlCode(request.message) == kFsctlValidateNegotiateInfo) {
    return OnValidateNegotiate(request, *session);
  }
  return HandOver(request, *session);
}

NtStatus ServerConnection::Impl::OnLogoff(const Incoming& request, EstablishedSession& session) {
  AnswerOnSession(request, session, kStatusSuccess, kShortBody);
  output_.ended_sessions.push_back(session.id());
  logins_.LogOff(session.id());
  return kStatusSuccess;
}

// 3.3.5.7: on 3.1.1 it shows that both sides have the same preauth hash.
NtStatus ServerConnection::Impl::OnTreeConnect(const Incoming& request,
                                               EstablishedSession& session) {
  if (dialect() == Dialect::k311 && session.security() != nullptr && !request.encrypted() &&
      !request.header.is_signed()) {
    return Close(absl::PermissionDeniedError("TREE_CONNECT is neither signed nor encrypted"));
  }
  return HandOver(request, session);
}

// 3.3.5.15.12: what differs was changed on the way.
NtStatus ServerConnection::Impl::OnValidateNegotiate(const Incoming& request,
                                                     EstablishedSession& session) {
  const auto said = ParseValidateNegotiateRequest(request.message);
  if (dialect() == Dialect::k311 || !said.ok() ||
      !ConfirmsNegotiation(*config_, *negotiation_, *said)) {
    return Close(absl::PermissionDeniedError("the negotiation was altered on its way"));
  }
  return AnswerOnSession(request, session, kStatusSuccess,
                         WriteValidateNegotiateResponse(negotiation_->server));
}

NtStatus ServerConnection::Impl::HandOver(const Incoming& request, EstablishedSession& session) {
  ServerRequest handed;
  handed.header = request.header;
  handed.body = request.body();
  handed.session = &session;
  handed.encrypted = request.encrypted();
  handed.related = request.header.is_related();
  output_.requests.push_back(handed);
  return kStatusSuccess;
}

std::span<const uint8_t> ServerConnection::Impl::Answer(const Header& request, NtStatus status,
                                                        std::span<const uint8_t> body,
                                                        Protection protection,
                                                        SessionSecurity* security) {
  return AppendFrame(ResponseHeader(request, status), body, protection, security, output_.send);
}

// Where no session vouches for the request: in the clear, unless encryption already did.
NtStatus ServerConnection::Impl::AnswerError(const Incoming& request, NtStatus status) {
  Answer(request.header, status, kErrorBody,
         request.encrypted() ? Protection::kEncrypt : Protection::kNone,
         request.encrypted() ? request.sealed_for->security() : nullptr);
  return status;
}

// For a request that is refused before its session is looked at: protected by the session where it
// is the session's.
NtStatus ServerConnection::Impl::AnswerOutOfPlace(const Incoming& request, NtStatus status) {
  EstablishedSession* const session = logins_.Find(request.header.session_id);
  if (session == nullptr) {
    return AnswerError(request, status);
  }
  if (!session->Admits(request.header, request.message, request.encrypted())) {
    return AnswerError(request, kStatusAccessDenied);
  }
  return AnswerOnSession(request, *session, status, kErrorBody);
}

NtStatus ServerConnection::Impl::AnswerOnSession(const Incoming& request,
                                                 EstablishedSession& session, NtStatus status,
                                                 std::span<const uint8_t> body) {
  Answer(request.header, status, body,
         session.ResponseProtection(request.header, request.encrypted()), session.security());
  return status;
}

Header ServerConnection::Impl::ResponseHeader(const Header& request, NtStatus status) {
  Header header;
  header.command = request.command;
  header.credit_charge = request.credit_charge;
  header.status = status;
  header.credits = window_.Grant(request.credits);
  header.flags = kFlagResponse;
  header.message_id = request.message_id;
  header.tree_id = request.tree_id;
  header.session_id = request.session_id;
  return header;
}

NtStatus ServerConnection::Impl::Close(absl::Status reason) {
  state_ = State::kClosed;
  output_.requests.clear();
  output_.close = true;
  output_.reason = std::move(reason);
  return kStatusInvalidParameter;
}

}  // namespace epa::smb2
