#include "epa/telnet/server_connection.h"

#include <utility>

#include "lib/base/status_macros.h"
#include "lib/telnet/authentication_option.h"
#include "lib/telnet/option_table.h"
#include "lib/telnet/settings.h"
#include "lib/telnet/stream.h"

namespace epa::telnet {

absl::StatusOr<std::shared_ptr<const ServerConfig>> ServerConfig::Create(ServerOptions options) {
  EPA_RETURN_IF_ERROR(
      ValidateSettings(options.credentials, options.options, options.max_suboption));
  if (options.policy == nullptr) {
    return absl::InvalidArgumentError("a Telnet server needs an extended-protection policy");
  }
  EPA_RETURN_IF_ERROR(CheckAudit(*options.policy, options.audit));
  return std::shared_ptr<const ServerConfig>(new ServerConfig(std::move(options)));
}

class ServerConnection::Impl {
 public:
  Impl(std::shared_ptr<const ServerConfig> config, Channel channel, std::string peer)
      : config_(std::move(config)),
        channel_(std::move(channel)),
        peer_(std::move(peer)),
        incoming_(config_->options().max_suboption),
        options_(config_->options().options) {
    options_.AgreeRemote(kAuthentication);
  }

  std::vector<uint8_t> Start();
  ServerOutput Receive(std::span<const uint8_t> octets);
  ServerOutput Resume(std::unique_ptr<PendingWork> work);
  OptionTable& options() { return options_; }
  const SecurityContext* context() const {
    return state_ == State::kLoggedIn ? context_.get() : nullptr;
  }

 private:
  // The server's states of [MS-TNAP] 3.2, and the end.
  enum class State : uint8_t { kAsked, kOffered, kChallenged, kLoggedIn, kClosed };

  void Take(std::span<const uint8_t> octets, ServerOutput& output);
  void OnElement(const Element& element, ServerOutput& output);
  void OnNegotiation(const Element& element, ServerOutput& output);
  void OnSuboption(const Element& element, ServerOutput& output);
  void OnAuthentication(std::span<const uint8_t> body, ServerOutput& output);
  void OnIs(const AuthenticationMessage& message, ServerOutput& output);
  void OnNtlm(const AuthenticationMessage& message, ServerOutput& output);
  absl::Status Begin();
  void Conclude(absl::StatusOr<StepResult> result, ServerOutput& output);
  void Reply(NtlmCommand command, std::span<const uint8_t> token, ServerOutput& output);
  void Reject(absl::Status reason, ServerOutput& output);
  void Close(absl::Status reason, ServerOutput& output);

  std::shared_ptr<const ServerConfig> config_;
  Channel channel_;
  std::string peer_;
  IncomingStream incoming_;
  OptionTable options_;
  State state_ = State::kAsked;
  bool pending_ = false;
  std::unique_ptr<SecurityContext> context_;
};

std::vector<uint8_t> ServerConnection::Impl::Start() {
  std::vector<uint8_t> octets;
  return options_.AskRemote(kAuthentication, octets) ? octets : std::vector<uint8_t>();
}

ServerOutput ServerConnection::Impl::Receive(std::span<const uint8_t> octets) {
  ServerOutput output;
  if (pending_) {
    Close(absl::FailedPreconditionError("octets were given while work was pending"), output);
  } else {
    Take(octets, output);
  }
  return output;
}

ServerOutput ServerConnection::Impl::Resume(std::unique_ptr<PendingWork> work) {
  ServerOutput output;
  if (!std::exchange(pending_, false) || work == nullptr) {
    Close(absl::FailedPreconditionError("no work was pending"), output);
    return output;
  }
  Conclude(context_->Resume(std::move(work)), output);
  if (!pending_) {
    Take(incoming_.TakeRest(), output);
  }
  return output;
}

void ServerConnection::Impl::Take(std::span<const uint8_t> octets, ServerOutput& output) {
  if (state_ == State::kClosed) {
    output.close = true;
    return;
  }
  incoming_.Feed(octets, [this, &output](const Element& element) {
    OnElement(element, output);
    return !pending_ && state_ != State::kClosed;
  });
}

void ServerConnection::Impl::OnElement(const Element& element, ServerOutput& output) {
  switch (element.kind) {
    case Element::Kind::kData:
      if (state_ == State::kLoggedIn) {
        output.data.insert(output.data.end(), element.octets.begin(), element.octets.end());
      }
      break;
    case Element::Kind::kNegotiation:
      OnNegotiation(element, output);
      break;
    case Element::Kind::kSuboption:
      OnSuboption(element, output);
      break;
    case Element::Kind::kTooLong:
      if (element.option == kAuthentication) {
        Reject(absl::InvalidArgumentError("AUTHENTICATION: longer than the limit"), output);
      }
      break;
    case Element::Kind::kMalformed:
      Close(absl::InvalidArgumentError("a command inside a sub-negotiation"), output);
      break;
  }
}

void ServerConnection::Impl::OnNegotiation(const Element& element, ServerOutput& output) {
  options_.OnNegotiation(element.verb, element.option, output.send);
  if (element.option != kAuthentication || state_ == State::kLoggedIn) {
    return;
  }
  if (element.verb == Verb::kWont) {
    Close(absl::UnauthenticatedError("the client does not authenticate"), output);
  } else if (state_ == State::kAsked && options_.remote_on(kAuthentication)) {
    state_ = State::kOffered;
    AppendSuboption(kAuthentication, EncodeSend({{kNtlmPair}}), output.send);
  }
}

void ServerConnection::Impl::OnSuboption(const Element& element, ServerOutput& output) {
  if (element.option == kAuthentication) {
    OnAuthentication(element.octets, output);
  } else if (state_ == State::kLoggedIn &&
             (options_.remote_on(element.option) || options_.local_on(element.option))) {
    output.suboptions.push_back({element.option, {element.octets.begin(), element.octets.end()}});
  }
}

void ServerConnection::Impl::OnAuthentication(std::span<const uint8_t> body, ServerOutput& output) {
  const absl::StatusOr<AuthenticationMessage> message = ParseAuthentication(body);
  if (message.ok() && message->verb == AuthenticationVerb::kName) {
    return;
  }
  if (state_ == State::kLoggedIn) {
    Close(absl::InvalidArgumentError("AUTHENTICATION: once more after the login"), output);
  } else if (!message.ok()) {
    Reject(message.status(), output);
  } else if (message->verb != AuthenticationVerb::kIs) {
    Reject(absl::InvalidArgumentError("AUTHENTICATION: a message out of turn"), output);
  } else {
    if (state_ == State::kAsked) {
      // Who begins at once has said WILL, and there is nothing to SEND any more.
      options_.OnNegotiation(Verb::kWill, kAuthentication, output.send);
      state_ = State::kOffered;
    }
    OnIs(*message, output);
  }
}

void ServerConnection::Impl::OnIs(const AuthenticationMessage& message, ServerOutput& output) {
  if (message.pair == kNtlmPair) {
    OnNtlm(message, output);
  } else if (message.pair.type == kNullPair.type) {
    Close(absl::UnauthenticatedError("the client has no authentication type of ours"), output);
  } else {
    // Each type has messages of its own; that it is not wanted can be said of all alike.
    options_.StopRemote(kAuthentication, output.send);
    Close(absl::UnauthenticatedError("the client uses an authentication type not offered: " +
                                     std::to_string(message.pair.type)),
          output);
  }
}

void ServerConnection::Impl::OnNtlm(const AuthenticationMessage& message, ServerOutput& output) {
  const NtlmCommand due =
      state_ == State::kOffered ? NtlmCommand::kNegotiate : NtlmCommand::kAuthenticate;
  if (message.ntlm != due) {
    Reject(absl::InvalidArgumentError("AUTHENTICATION: an NTLM message out of turn"), output);
    return;
  }
  if (context_ == nullptr) {
    if (absl::Status begun = Begin(); !begun.ok()) {
      Reject(std::move(begun), output);
      return;
    }
  }
  Conclude(context_->Step(message.token), output);
}

absl::Status ServerConnection::Impl::Begin() {
  const ServerOptions& options = config_->options();
  AcceptOptions accept;
  accept.credentials = options.credentials;
  accept.policy = options.policy;
  accept.channel = channel_;
  accept.audit = options.audit;
  accept.connection = peer_;
  accept.clock = options.clock;
  EPA_ASSIGN_OR_RETURN(context_, SecurityContext::Accept(std::move(accept)));
  return absl::OkStatus();
}

void ServerConnection::Impl::Conclude(absl::StatusOr<StepResult> result, ServerOutput& output) {
  if (!result.ok()) {
    Reject(result.status(), output);
  } else if (result->state == StepState::kPending) {
    pending_ = true;
    output.pending_work = std::move(result->pending_work);
  } else if (result->state == StepState::kRejected) {
    // A last token would tell one refusal from another, and has no place in REJECT.
    Reject(absl::PermissionDeniedError(std::string(ReasonText(context_->reason()))), output);
  } else if (result->state == StepState::kContinue && state_ == State::kOffered) {
    state_ = State::kChallenged;
    Reply(NtlmCommand::kChallenge, result->token, output);
  } else if (result->state == StepState::kEstablished && state_ == State::kChallenged &&
             result->token.empty()) {
    state_ = State::kLoggedIn;
    Reply(NtlmCommand::kAccept, {}, output);
  } else {
    Reject(absl::InternalError("a package whose messages do not fit [MS-TNAP]"), output);
  }
}

void ServerConnection::Impl::Reply(NtlmCommand command, std::span<const uint8_t> token,
                                   ServerOutput& output) {
  AppendSuboption(kAuthentication, EncodeNtlmReply(command, token), output.send);
}

void ServerConnection::Impl::Reject(absl::Status reason, ServerOutput& output) {
  Reply(NtlmCommand::kReject, {}, output);
  Close(std::move(reason), output);
}

void ServerConnection::Impl::Close(absl::Status reason, ServerOutput& output) {
  state_ = State::kClosed;
  pending_ = false;
  context_.reset();
  output.close = true;
  output.reason = std::move(reason);
}

ServerConnection::ServerConnection(std::shared_ptr<const ServerConfig> config, Channel channel,
                                   std::string peer)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(channel), std::move(peer))) {}
ServerConnection::~ServerConnection() = default;
ServerConnection::ServerConnection(ServerConnection&&) noexcept = default;
ServerConnection& ServerConnection::operator=(ServerConnection&&) noexcept = default;

std::vector<uint8_t> ServerConnection::Start() { return impl_->Start(); }
ServerOutput ServerConnection::Receive(std::span<const uint8_t> octets) {
  return impl_->Receive(octets);
}
ServerOutput ServerConnection::Resume(std::unique_ptr<PendingWork> work) {
  return impl_->Resume(std::move(work));
}
absl::StatusOr<std::vector<uint8_t>> ServerConnection::AskRemote(Option option) {
  return AskRemoteOf(impl_->options(), option);
}
absl::StatusOr<std::vector<uint8_t>> ServerConnection::OfferLocal(Option option) {
  return OfferLocalOf(impl_->options(), option);
}
const SecurityContext* ServerConnection::context() const { return impl_->context(); }

}  // namespace epa::telnet
