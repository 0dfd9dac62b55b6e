#include "epa/smb2/server_connection.h"

#include <algorithm>
#include <utility>

#include "lib/smb2/message_cipher.h"
#include "lib/smb2/messages/short_messages.h"
#include "lib/smb2/messages/smb1_negotiate.h"
#include "lib/smb2/server_impl.h"

namespace epa::smb2 {
namespace {

// A SESSION_SETUP with the longest token, and room for the headers.
constexpr size_t kMaxSizeBeforeLogin = 66000;
// What surrounds the data of one request, or the small requests of a compound.
constexpr size_t kMaxOverhead = 65536;

}  // namespace

size_t ServerConnection::Impl::max_message_size() const {
  return logins_.count() == 0 ? kMaxSizeBeforeLogin
                              : config_->options().max_transfer_size + kMaxOverhead;
}

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
  AnswerLogin(pending_request_, pending_encrypted_,
              logins_.Resume(std::move(work), negotiation_->agreement));
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
    header.status = kStatusUserSessionDeleted;
    AppendFrame(header, kErrorBody, Protection::kNone, nullptr, out);
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
                                        EstablishedSession* sealed_for) {
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
    Incoming request{*header, message.first(size), sealed_for, !more && !previous.exists};
    previous.status = OnRequest(request, previous);
    previous.exists = true;
    previous.session_id = request.header.session_id;
    previous.tree_id = request.header.tree_id;
    message = message.subspan(size);
  }
}

NtStatus ServerConnection::Impl::OnRequest(Incoming& request, const Previous& previous) {
  Header& header = request.header;
  if (header.is_response()) {
    return Close(absl::InvalidArgumentError("a response was sent to the server"));
  }
  if (!negotiation_.has_value() && header.command != Command::kNegotiate) {
    return Close(absl::InvalidArgumentError("the first message is not NEGOTIATE"));
  }
  if (header.command > Command::kOplockBreak) {  // 3.3.5.2.6
    return Close(absl::InvalidArgumentError("a command that does not exist"));
  }
  if (header.command == Command::kCancel) {
    return kStatusSuccess;  // 3.3.5.16: no answer; nothing here waits long enough to be cancelled
  }
  if (!TakeSequenceNumbers(header)) {
    return Close(absl::InvalidArgumentError("a message id was not granted or is used again"));
  }
  const bool follows = header.is_related() && previous.exists;
  if (follows) {
    header.session_id = previous.session_id;
    header.tree_id = previous.tree_id;
  }
  // 3.3.5.2.1.1: every message says or takes over the session whose key opened it.
  if (request.encrypted() && (header.session_id != request.sealed_for->id() ||
                              (header.is_related() && !previous.exists))) {
    return Close(absl::PermissionDeniedError("a message is encrypted for another session"));
  }
  if (header.is_related() && !previous.exists) {
    return AnswerOutOfPlace(request, kStatusInvalidParameter);
  }
  if (follows && previous.status != kStatusSuccess) {
    return AnswerOutOfPlace(request, previous.status);
  }
  return Dispatch(request);
}

// The client cannot know yet what the answers to this very frame grant.
bool ServerConnection::Impl::TakeSequenceNumbers(Header& header) {
  if (dialect() == Dialect::k202) {
    header.credit_charge = 0;  // 2.2.1.2: reserved, so it buys nothing
  }
  return header.message_id < granted_before_ &&
         window_.Consume(header.message_id, std::max<uint16_t>(header.credit_charge, 1));
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
