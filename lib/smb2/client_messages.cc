// Messages in and out, and what protects them.
#include <algorithm>
#include <utility>

#include "epa/smb2/framing.h"
#include "lib/base/status_macros.h"
#include "lib/smb2/client_impl.h"
#include "lib/smb2/message_cipher.h"

namespace epa::smb2 {
namespace {

constexpr uint64_t kUnsolicited = ~uint64_t{0};  // 2.2.23: an oplock break's message id
constexpr uint16_t kWantedCredits = 64;
constexpr uint32_t kMaxCredits = 8192;  // bounds the requests under way, whatever a server grants

// 3.2.5.1.5: the answer is still to come. It says nothing and may be unsigned.
bool IsInterim(const Header& header) {
  return header.is_async() && header.status == kStatusPending;
}

// 3.2.5.14.12: what a server says that does not know the control code.
bool IsUnknownControlCode(NtStatus status) {
  return status == kStatusFileClosed || status == kStatusInvalidDeviceRequest ||
         status == kStatusNotSupported;
}

}  // namespace

std::vector<uint8_t> ClientConnection::Impl::Start() {
  if (state_ != State::kFresh) {
    return {};
  }
  state_ = State::kNegotiating;
  offer_ = OfferOf(options_, *options_.random);
  std::vector<uint8_t> frame =
      WriteRequest(Command::kNegotiate, 0, WriteNegotiateRequest(offer_), 1, Protection::kNone);
  preauth_.Update(std::span(frame).subspan(kFrameHeaderSize));
  return frame;
}

absl::StatusOr<ClientOutput> ClientConnection::Impl::OnMessage(std::span<uint8_t> message) {
  if (state_ == State::kFresh || state_ == State::kPending || state_ == State::kClosed) {
    return absl::FailedPreconditionError(
        "a message arrived before the start, while work was pending or after the end");
  }
  return Finish(OnFrame(message));
}

absl::StatusOr<ClientOutput> ClientConnection::Impl::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kPending || work == nullptr) {
    return absl::FailedPreconditionError("no work was pending");
  }
  state_ = State::kLoggingIn;
  return Finish(Conclude(context_->Resume(std::move(work))));
}

absl::StatusOr<ClientOutput> ClientConnection::Impl::Finish(absl::Status status) {
  ClientOutput output = std::exchange(output_, {});
  if (!status.ok()) {
    state_ = State::kClosed;
    return status;
  }
  output.close = state_ == State::kClosed;
  if (refusal_.has_value()) {
    output.send.clear();
    output.responses.clear();
  }
  return output;
}

absl::Status ClientConnection::Impl::OnFrame(std::span<uint8_t> frame) {
  const bool encrypted = IsTransformed(frame);
  if (encrypted) {
    const auto header = ParseTransformHeader(frame);
    if (!header.ok() || header->session_id != session_id_ || !established() ||
        !security_.has_value() || !security_->can_encrypt() ||
        !security_->opener().Open(*header, frame)) {
      RefuseAs(ClientRefusal::Kind::kSecurity, "a message cannot be decrypted");
      return absl::OkStatus();
    }
    frame = frame.subspan(kTransformHeaderSize);
  }
  std::span<const uint8_t> rest = frame;
  for (bool more = true; more && !refusal_.has_value();) {
    const auto header = ParseHeader(rest);
    if (!header.ok()) {
      RefuseAs(ClientRefusal::Kind::kProtocol, std::string(header.status().message()));
      return absl::OkStatus();
    }
    more = header->next_command != 0;
    if (more && (header->next_command < kHeaderSize || header->next_command % 8 != 0 ||
                 header->next_command >= rest.size())) {
      RefuseAs(ClientRefusal::Kind::kProtocol, "a compound's messages are out of place");
      return absl::OkStatus();
    }
    const size_t size = more ? header->next_command : rest.size();
    EPA_RETURN_IF_ERROR(OnReceived({*header, rest.first(size), encrypted}));
    rest = rest.subspan(size);
  }
  return absl::OkStatus();
}

absl::Status ClientConnection::Impl::OnReceived(const Received& received) {
  const Header& header = received.header;
  if (header.message_id == kUnsolicited && header.command == Command::kOplockBreak) {
    return absl::OkStatus();
  }
  if (!TakeExpected(received)) {
    RefuseAs(ClientRefusal::Kind::kProtocol, "a response that nothing was asked for");
    return absl::OkStatus();
  }
  const bool interim = IsInterim(header);
  switch (state_) {
    case State::kNegotiating:
      return OnNegotiated(received);
    case State::kLoggingIn:
      return interim ? CountRound() : OnSessionSetup(received);
    case State::kEstablished:
      return interim ? absl::OkStatus() : OnSessionResponse(received);
    case State::kFresh:
    case State::kPending:
    case State::kClosed:
      break;
  }
  RefuseAs(ClientRefusal::Kind::kProtocol, "a response after the end");
  return absl::OkStatus();
}

// True for the response to a request of ours, which is then no longer waited for, or an interim
// one.
bool ClientConnection::Impl::TakeExpected(const Received& received) {
  const Header& header = received.header;
  const auto found =
      std::find_if(expected_.begin(), expected_.end(), [&header](const Expected& expected) {
        return expected.message_id == header.message_id && expected.command == header.command;
      });
  if (!header.is_response() || found == expected_.end()) {
    return false;
  }
  credits_ = std::min(credits_ + header.credits, kMaxCredits);
  if (!IsInterim(header)) {
    expected_.erase(found);
  }
  return true;
}

// Whether a response on the session may be believed (3.2.5.1.3).
bool ClientConnection::Impl::Authentic(const Received& received) {
  if (received.header.session_id != session_id_) {
    return false;
  }
  if (!security_.has_value() || received.encrypted) {
    return true;
  }
  if (encrypts_) {
    return false;
  }
  return received.header.is_signed() ? security_->signer().Verify(received.message) : !signs_;
}

absl::Status ClientConnection::Impl::OnSessionResponse(const Received& received) {
  const Header& header = received.header;
  if (!Authentic(received)) {
    RefuseAs(ClientRefusal::Kind::kSecurity, "a response is not signed or encrypted as it must be");
    return absl::OkStatus();
  }
  if (header.command == Command::kLogoff) {
    state_ = State::kClosed;
    return absl::OkStatus();
  }
  if (validation_id_ == header.message_id) {
    OnValidated(received);
    return absl::OkStatus();
  }
  if (!validated_ && security_.has_value() && header.command == Command::kTreeConnect &&
      header.status == kStatusSuccess) {
    HoldForValidation(received);
    return absl::OkStatus();
  }
  output_.responses.push_back({header, received.message.subspan(kHeaderSize)});
  return absl::OkStatus();
}

// 3.2.5.5: once, on the tree connected first, and always signed.
void ClientConnection::Impl::HoldForValidation(const Received& received) {
  held_.emplace_back(received.message.begin(), received.message.end());
  if (validation_id_.has_value()) {
    return;
  }
  if (credits_ == 0) {
    RefuseAs(ClientRefusal::Kind::kProtocol, "no credit is left to validate the negotiation");
    return;
  }
  validation_id_ = next_message_id_;
  const std::vector<uint8_t> frame = WriteRequest(
      Command::kIoctl, received.header.tree_id, WriteValidateNegotiateRequest(negotiation_->client),
      1, encrypts_ ? Protection::kEncrypt : Protection::kSign);
  output_.send.insert(output_.send.end(), frame.begin(), frame.end());
}

void ClientConnection::Impl::OnValidated(const Received& received) {
  const NtStatus status = received.header.status;
  const bool is_protected = received.encrypted || received.header.is_signed();
  const auto said = ParseValidateNegotiateResponse(received.message);
  const bool confirmed = status == kStatusSuccess && said.ok() && *said == negotiation_->server;
  if (!is_protected || (!confirmed && !IsUnknownControlCode(status))) {
    RefuseAs(ClientRefusal::Kind::kSecurity, "the negotiation was altered on its way");
    return;
  }
  validated_ = true;
  validation_id_.reset();
  for (const std::vector<uint8_t>& message : held_) {
    if (const auto header = ParseHeader(message); header.ok()) {
      output_.responses.push_back({*header, std::span(message).subspan(kHeaderSize)});
    }
  }
}

absl::StatusOr<std::vector<uint8_t>> ClientConnection::Impl::SendRequest(
    Command command, uint32_t tree_id, std::span<const uint8_t> body, uint16_t credit_charge) {
  if (!established()) {
    return absl::FailedPreconditionError("there is no session");
  }
  const uint16_t charge = negotiation_->agreement.dialect == Dialect::k202
                              ? uint16_t{1}
                              : std::max<uint16_t>(credit_charge, 1);
  if (credits_ < charge) {
    return absl::ResourceExhaustedError("the server granted no credit for another request");
  }
  return WriteRequest(command, tree_id, body, charge, RequestProtection(command));
}

// 3.2.4.1.1; TREE_CONNECT always, which shows that both sides negotiated the same (3.3.5.7).
Protection ClientConnection::Impl::RequestProtection(Command command) const {
  if (encrypts_) {
    return Protection::kEncrypt;
  }
  const bool sign = security_.has_value() && (signs_ || command == Command::kTreeConnect);
  return sign ? Protection::kSign : Protection::kNone;
}

std::vector<uint8_t> ClientConnection::Impl::WriteRequest(Command command, uint32_t tree_id,
                                                          std::span<const uint8_t> body,
                                                          uint16_t credit_charge,
                                                          Protection protection) {
  Header header;
  header.command = command;
  header.message_id = next_message_id_;
  header.tree_id = tree_id;
  header.session_id = session_id_;
  header.credits = kWantedCredits;
  // 2.2.1.2: reserved in 2.0.2, and before the dialect is known.
  const bool charges = negotiation_.has_value() && negotiation_->agreement.dialect > Dialect::k202;
  header.credit_charge = charges ? credit_charge : uint16_t{0};
  next_message_id_ += credit_charge;
  credits_ -= credit_charge;
  expected_.push_back({header.message_id, command});
  std::vector<uint8_t> frame;
  AppendFrame(header, body, protection, security_.has_value() ? &*security_ : nullptr, frame);
  return frame;
}

void ClientConnection::Impl::Refuse(ClientRefusal refusal) {
  refusal_ = std::move(refusal);
  state_ = State::kClosed;
  security_.reset();
  encrypts_ = false;
}

void ClientConnection::Impl::RefuseAs(ClientRefusal::Kind kind, std::string detail) {
  ClientRefusal refusal;
  refusal.kind = kind;
  refusal.detail = std::move(detail);
  Refuse(std::move(refusal));
}

}  // namespace epa::smb2
