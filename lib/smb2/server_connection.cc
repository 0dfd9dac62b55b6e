#include "epa/smb2/server_connection.h"

#include <algorithm>
#include <utility>

#include "lib/smb2/messages/short_messages.h"
#include "lib/smb2/messages/smb1_negotiate.h"
#include "lib/smb2/messages/validate_negotiate.h"
#include "lib/smb2/outgoing.h"
#include "lib/smb2/sequence_window.h"
#include "lib/smb2/server_logins.h"
#include "lib/smb2/server_negotiation.h"

namespace epa::smb2 {
namespace {

// A SESSION_SETUP with the longest token, and room for the headers.
constexpr size_t kMaxSizeBeforeLogin = 66000;
// What surrounds the data of one request, or the small requests of a compound.
constexpr size_t kMaxOverhead = 65536;

// One message of a compound.
struct Incoming {
  Header header;
  std::span<const uint8_t> message;  // header and body
  bool encrypted = false;
  bool alone = true;  // not part of a compound

  std::span<const uint8_t> body() const { return message.subspan(kHeaderSize); }
};

// What a related request takes over from the one before it ([MS-SMB2] 3.3.5.2.7.2).
struct Previous {
  bool exists = false;
  uint64_t session_id = 0;
  uint32_t tree_id = 0;
  NtStatus status = kStatusSuccess;
};

}  // namespace

class ServerConnection::Impl {
 public:
  Impl(std::shared_ptr<const ServerConfig> config, std::string peer)
      : config_(std::move(config)),
        window_(config_->options().max_credits),
        logins_(config_, std::move(peer)) {}

  ServerOutput OnMessage(std::span<uint8_t> message);
  ServerOutput Resume(std::unique_ptr<PendingWork> work);
  void Respond(const ServerRequest& request, const ServerResponse& response,
               std::vector<uint8_t>& out);

  size_t max_message_size() const {
    return logins_.count() == 0 ? kMaxSizeBeforeLogin
                                : config_->options().max_transfer_size + kMaxOverhead;
  }
  std::optional<Dialect> dialect() const {
    return negotiation_.has_value() ? std::optional(negotiation_->agreement.dialect) : std::nullopt;
  }
  const ServerLogins& logins() const { return logins_; }

 private:
  enum class State : uint8_t { kOpen, kPending, kClosed };

  void OnSmb1(std::span<const uint8_t> message);
  void OnEncrypted(std::span<uint8_t> message);
  void OnCompound(std::span<const uint8_t> message, const EstablishedSession* sealed_for);
  // Returns the status of what was answered here, success for what the application will answer.
  NtStatus OnRequest(Incoming& request, const Previous& previous,
                     const EstablishedSession* sealed_for);
  NtStatus Dispatch(const Incoming& request, const EstablishedSession* sealed_for);
  NtStatus OnNegotiate(const Incoming& request);
  NtStatus OnSessionSetup(const Incoming& request);
  NtStatus OnSessionRequest(const Incoming& request, const EstablishedSession* sealed_for);
  NtStatus OnLogoff(const Incoming& request, EstablishedSession& session);
  NtStatus OnTreeConnect(const Incoming& request, EstablishedSession& session);
  NtStatus OnValidateNegotiate(const Incoming& request, EstablishedSession& session);
  NtStatus HandOver(const Incoming& request, EstablishedSession& session);
  NtStatus AnswerLogin(const Header& request, LoginStep step);

  std::span<const uint8_t> Answer(const Header& request, NtStatus status,
                                  std::span<const uint8_t> body,
                                  Protection protection = Protection::kNone,
                                  SessionSecurity* security = nullptr);
  NtStatus AnswerError(const Header& request, NtStatus status);
  NtStatus AnswerOnSession(const Incoming& request, EstablishedSession& session,
                           std::span<const uint8_t> body);
  Header ResponseHeader(const Header& request, NtStatus status);
  NtStatus Close(absl::Status reason);
  ServerOutput TakeOutput() { return std::exchange(output_, {}); }

  std::shared_ptr<const ServerConfig> config_;
  State state_ = State::kOpen;
  std::optional<ServerNegotiation> negotiation_;
  bool answered_smb1_ = false;
  SequenceWindow window_;
  uint64_t granted_before_ = 0;  // when the frame arrived
  ServerLogins logins_;
  int failures_ = 0;
  Header pending_request_;
  ServerOutput output_;
};

ServerOutput ServerConnection::Impl::OnMessage(std::span<uint8_t> message) {
  if (state_ != State::kOpen) {
    Close(absl::FailedPreconditionError("a message arrived while work was pending or after close"));
  } else if (message.size() > max_message_size()) {
    Close(absl::ResourceExhaustedError("a message is longer than what is acceptable"));
  } else if (IsSmb1(message)) {
    OnSmb1(message);
  } else if (IsTransformed(message)) {
    OnEncrypted(message);
  } else {
    OnCompound(message, nullptr);
  }
  return TakeOutput();
}

ServerOutput ServerConnection::Impl::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kPending || work == nullptr) {
    Close(absl::FailedPreconditionError("no work was pending"));
    return TakeOutput();
  }
  state_ = State::kOpen;
  AnswerLogin(pending_request_, logins_.Resume(std::move(work), negotiation_->agreement));
  return TakeOutput();
}

void ServerConnection::Impl::Respond(const ServerRequest& request, const ServerResponse& response,
                                     std::vector<uint8_t>& out) {
  EstablishedSession* const session = logins_.Find(request.header.session_id);
  Header header = ResponseHeader(request.header, response.status);
  if (response.tree_id.has_value()) {
    header.tree_id = *response.tree_id;
  }
  const std::span<const uint8_t> body =
      response.body.empty() ? std::span<const uint8_t>(kErrorBody) : response.body;
  if (session == nullptr) {
    AppendFrame(header, body, Protection::kNone, nullptr, out);
    return;
  }
  AppendFrame(header, body, session->ResponseProtection(request.header, request.encrypted),
              session->security(), out);
}

// 3.3.5.3: the first message only.
void ServerConnection::Impl::OnSmb1(std::span<const uint8_t> message) {
  const auto request = ParseSmb1Negotiate(message);
  if (!config_->options().multi_protocol || negotiation_.has_value() || answered_smb1_ ||
      !request.ok()) {
    Close(request.ok() ? absl::InvalidArgumentError("SMB1 is not spoken") : request.status());
    return;
  }
  Smb1Answer answer = AnswerSmb1Negotiate(*config_, *request);
  if (answer.status != kStatusSuccess || !window_.Consume(0, 1)) {
    Close(absl::InvalidArgumentError("the SMB1 NEGOTIATE offers no dialect that is accepted"));
    return;
  }
  answered_smb1_ = true;
  negotiation_ = std::move(answer.negotiation);
  Header header;
  header.command = Command::kNegotiate;
  Answer(header, kStatusSuccess, answer.body);
}

void ServerConnection::Impl::OnEncrypted(std::span<uint8_t> message) {
  const auto header = ParseTransformHeader(message);
  if (!header.ok()) {
    Close(header.status());
    return;
  }
  EstablishedSession* const session = logins_.Find(header->session_id);
  if (session == nullptr || session->security() == nullptr || !session->security()->can_encrypt() ||
      !session->security()->opener().Open(*header, message)) {
    Close(absl::PermissionDeniedError("a message cannot be decrypted"));
    return;
  }
  OnCompound(message.subspan(kTransformHeaderSize), session);
}

void ServerConnection::Impl::OnCompound(std::span<const uint8_t> message,
                                        const EstablishedSession* sealed_for) {
  Previous previous;
  granted_before_ = window_.end();
  for (bool more = true; more && state_ == State::kOpen;) {
    const auto header = ParseHeader(message);
    if (!header.ok()) {
      Close(header.status());
      return;
    }
    more = header->next_command != 0;
    // 3.3.5.2.7: at the front of the next message, which is aligned.
    if (more && (header->next_command < kHeaderSize || header->next_command % 8 != 0 ||
                 header->next_command >= message.size())) {
      Close(absl::InvalidArgumentError("a compound's messages are not in one another's place"));
      return;
    }
    const size_t size = more ? header->next_command : message.size();
    Incoming request{*header, message.first(size), sealed_for != nullptr,
                     !more && !previous.exists};
    previous.status = OnRequest(request, previous, sealed_for);
    previous.exists = true;
    previous.session_id = request.header.session_id;
    previous.tree_id = request.header.tree_id;
    message = message.subspan(size);
  }
}

NtStatus ServerConnection::Impl::OnRequest(Incoming& request, const Previous& previous,
                                           const EstablishedSession* sealed_for) {
  Header& header = request.header;
  if (header.is_response()) {
    return Close(absl::InvalidArgumentError("a response was sent to the server"));
  }
  if (header.command == Command::kCancel) {
    return kStatusSuccess;  // 3.3.5.16: no answer; nothing here waits long enough to be cancelled
  }
  if (!negotiation_.has_value() && header.command != Command::kNegotiate) {
    return Close(absl::InvalidArgumentError("the first message is not NEGOTIATE"));
  }
  // The client cannot know yet what the answers to this very frame grant.
  if (header.message_id >= granted_before_ ||
      !window_.Consume(header.message_id, std::max<uint16_t>(header.credit_charge, 1))) {
    return Close(absl::InvalidArgumentError("a message id was not granted or is used again"));
  }
  if (header.is_related()) {
    if (!previous.exists) {
      return AnswerError(header, kStatusInvalidParameter);
    }
    header.session_id = previous.session_id;
    header.tree_id = previous.tree_id;
    if (previous.status != kStatusSuccess) {
      return AnswerError(header, previous.status);
    }
  }
  return Dispatch(request, sealed_for);
}

NtStatus ServerConnection::Impl::Dispatch(const Incoming& request,
                                          const EstablishedSession* sealed_for) {
  const Header& header = request.header;
  const bool changes_sessions =
      header.command == Command::kSessionSetup || header.command == Command::kLogoff;
  if (changes_sessions && !request.alone) {
    return AnswerError(header, kStatusInvalidParameter);
  }
  if (header.command == Command::kNegotiate) {
    return OnNegotiate(request);
  }
  if (header.command == Command::kSessionSetup) {
    return OnSessionSetup(request);
  }
  if (header.command == Command::kEcho && header.session_id == 0) {
    Answer(header, kStatusSuccess, kShortBody);
    return kStatusSuccess;
  }
  return OnSessionRequest(request, sealed_for);
}

NtStatus ServerConnection::Impl::OnNegotiate(const Incoming& request) {
  if (negotiation_.has_value() || !request.alone) {
    return Close(absl::InvalidArgumentError("NEGOTIATE a second time, or in a compound"));
  }
  const auto parsed = ParseNegotiateRequest(request.message);
  if (!parsed.ok()) {
    AnswerError(request.header, kStatusInvalidParameter);
    return Close(parsed.status());
  }
  NegotiationAnswer answer = AnswerNegotiate(*config_, *parsed);
  if (answer.status != kStatusSuccess) {
    AnswerError(request.header, answer.status);
    return Close(absl::InvalidArgumentError("the client and this server have nothing in common"));
  }
  negotiation_ = std::move(answer.negotiation);
  PreauthHash& preauth = negotiation_->agreement.preauth;
  preauth.Update(request.message);
  preauth.Update(Answer(request.header, kStatusSuccess, answer.body));
  return kStatusSuccess;
}

NtStatus ServerConnection::Impl::OnSessionSetup(const Incoming& request) {
  if (request.encrypted) {
    return AnswerError(request.header, kStatusRequestNotAccepted);
  }
  return AnswerLogin(request.header,
                     logins_.OnRequest(request.header, request.message, negotiation_->agreement));
}

NtStatus ServerConnection::Impl::AnswerLogin(const Header& request, LoginStep step) {
  if (step.pending_work != nullptr) {
    state_ = State::kPending;
    pending_request_ = request;
    output_.pending_work = std::move(step.pending_work);
    return kStatusSuccess;
  }
  Header header = request;
  header.session_id = step.session_id;
  if (step.status == kStatusSuccess || step.status == kStatusMoreProcessingRequired) {
    // The last response of a login that has a key is signed with it (3.3.5.5.3).
    SessionSecurity* const security = step.session != nullptr ? step.session->security() : nullptr;
    const auto message =
        Answer(header, step.status, WriteSessionSetupResponse({step.session_flags, step.token}),
               security != nullptr ? Protection::kSign : Protection::kNone, security);
    if (step.status == kStatusMoreProcessingRequired) {
      logins_.HashResponse(step.session_id, message);
    }
    return step.status;
  }
  AnswerError(header, step.status);
  if (!step.fault.ok()) {
    Close(std::move(step.fault));
  } else if (step.failed_login && ++failures_ >= config_->options().max_failures) {
    Close(absl::ResourceExhaustedError("too many logins were refused on this connection"));
  }
  return step.status;
}

NtStatus ServerConnection::Impl::OnSessionRequest(const Incoming& request,
                                                  const EstablishedSession* sealed_for) {
  EstablishedSession* const session = logins_.Find(request.header.session_id);
  if (sealed_for != nullptr && session != sealed_for) {
    return Close(absl::PermissionDeniedError("a message is encrypted for another session"));
  }
  if (session == nullptr) {
    return AnswerError(request.header, kStatusUserSessionDeleted);
  }
  if (!session->Admits(request.header, request.message, request.encrypted)) {
    return AnswerError(request.header, kStatusAccessDenied);
  }
  const Command command = request.header.command;
  if (command == Command::kLogoff) {
    return OnLogoff(request, *session);
  }
  if (command == Command::kEcho) {
    return AnswerOnSession(request, *session, kShortBody);
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
  AnswerOnSession(request, session, kShortBody);
  output_.ended_sessions.push_back(session.id());
  logins_.LogOff(session.id());
  return kStatusSuccess;
}

// 3.3.5.7: on 3.1.1 it shows that both sides have the same preauth hash.
NtStatus ServerConnection::Impl::OnTreeConnect(const Incoming& request,
                                               EstablishedSession& session) {
  if (dialect() == Dialect::k311 && session.security() != nullptr && !request.encrypted &&
      !request.header.is_signed()) {
    return Close(absl::PermissionDeniedError("TREE_CONNECT is neither signed nor encrypted"));
  }
  return HandOver(request, session);
}

// 3.3.5.15.12: what differs was changed on the way.
NtStatus ServerConnection::Impl::OnValidateNegotiate(const Incoming& request,
                                                     EstablishedSession& session) {
  const auto said = ParseValidateNegotiateRequest(request.message);
  if (dialect() == Dialect::k311 || !said.ok() || *said != negotiation_->client) {
    return Close(absl::PermissionDeniedError("the negotiation was altered on its way"));
  }
  return AnswerOnSession(request, session, WriteValidateNegotiateResponse(negotiation_->server));
}

NtStatus ServerConnection::Impl::HandOver(const Incoming& request, EstablishedSession& session) {
  ServerRequest handed;
  handed.header = request.header;
  handed.body = request.body();
  handed.session = &session;
  handed.encrypted = request.encrypted;
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

NtStatus ServerConnection::Impl::AnswerError(const Header& request, NtStatus status) {
  Answer(request, status, kErrorBody);
  return status;
}

NtStatus ServerConnection::Impl::AnswerOnSession(const Incoming& request,
                                                 EstablishedSession& session,
                                                 std::span<const uint8_t> body) {
  Answer(request.header, kStatusSuccess, body,
         session.ResponseProtection(request.header, request.encrypted), session.security());
  return kStatusSuccess;
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

ServerConnection::ServerConnection(std::shared_ptr<const ServerConfig> config, std::string peer)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(peer))) {}

ServerConnection::~ServerConnection() = default;
ServerConnection::ServerConnection(ServerConnection&&) noexcept = default;
ServerConnection& ServerConnection::operator=(ServerConnection&&) noexcept = default;

ServerOutput ServerConnection::OnMessage(std::span<uint8_t> message) {
  return impl_->OnMessage(message);
}

ServerOutput ServerConnection::Resume(std::unique_ptr<PendingWork> work) {
  return impl_->Resume(std::move(work));
}

void ServerConnection::Respond(const ServerRequest& request, const ServerResponse& response,
                               std::vector<uint8_t>& out) {
  impl_->Respond(request, response, out);
}

size_t ServerConnection::max_message_size() const { return impl_->max_message_size(); }

std::optional<Dialect> ServerConnection::dialect() const { return impl_->dialect(); }

const ServerSession* ServerConnection::session(uint64_t id) const {
  return impl_->logins().Find(id);
}

size_t ServerConnection::session_count() const { return impl_->logins().count(); }

}  // namespace epa::smb2
