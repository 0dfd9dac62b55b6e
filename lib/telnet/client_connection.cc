#include "epa/telnet/client_connection.h"

#include <algorithm>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/core/host_name.h"
#include "lib/telnet/authentication_option.h"
#include "lib/telnet/option_table.h"
#include "lib/telnet/settings.h"
#include "lib/telnet/stream.h"

namespace epa::telnet {
namespace {

bool MayHaveCredentials(const ClientOptions& options) {
  const std::string host = CanonicalHost(options.host);
  return !host.empty() &&
         std::any_of(options.credential_hosts.begin(), options.credential_hosts.end(),
                     [&](const std::string& one) { return CanonicalHost(one) == host; });
}

}  // namespace

class ClientConnection::Impl {
 public:
  explicit Impl(ClientOptions options)
      : settings_(std::move(options)),
        incoming_(settings_.max_suboption),
        options_(settings_.options) {
    if (MayHaveCredentials(settings_)) {
      options_.AgreeLocal(kAuthentication);
    }
  }

  absl::StatusOr<ClientOutput> Receive(std::span<const uint8_t> octets);
  absl::StatusOr<ClientOutput> Resume(std::unique_ptr<PendingWork> work);
  OptionTable& options() { return options_; }
  bool logged_in() const { return state_ == State::kLoggedIn; }
  const std::optional<ClientRefusal>& refusal() const { return refusal_; }
  const SecurityContext* context() const { return context_.get(); }

 private:
  // The client's states of [MS-TNAP] 3.1, and what may become of them.
  enum class State : uint8_t {
    kBegin,
    kWilling,
    kNegotiating,
    kProving,
    kLoggedIn,
    kWithoutLogin,
    kClosed,
  };

  absl::StatusOr<ClientOutput> Finished(ClientOutput output);
  void Take(std::span<const uint8_t> octets, ClientOutput& output);
  void OnElement(const Element& element, ClientOutput& output);
  void OnNegotiation(const Element& element, ClientOutput& output);
  void OnSuboption(const Element& element, ClientOutput& output);
  void OnAuthentication(std::span<const uint8_t> body, ClientOutput& output);
  void OnSend(const AuthenticationMessage& message, ClientOutput& output);
  void OnReply(const AuthenticationMessage& message, ClientOutput& output);
  void Conclude(absl::StatusOr<StepResult> result, ClientOutput& output);
  void SendToken(NtlmCommand command, std::span<const uint8_t> token, ClientOutput& output);
  // There will be no login; the connection may go on.
  void GoWithout(Reason reason, std::string detail);
  void Fail(Reason reason, std::string detail, ClientOutput& output);
  // A fault of ours, told by Finished.
  void Fault(absl::Status status);

  ClientOptions settings_;
  IncomingStream incoming_;
  OptionTable options_;
  State state_ = State::kBegin;
  bool pending_ = false;
  absl::Status fault_;
  std::optional<ClientRefusal> refusal_;
  std::unique_ptr<SecurityContext> context_;
};

absl::StatusOr<ClientOutput> ClientConnection::Impl::Receive(std::span<const uint8_t> octets) {
  if (pending_) {
    return absl::FailedPreconditionError("the login waits for its pending work");
  }
  ClientOutput output;
  Take(octets, output);
  return Finished(std::move(output));
}

absl::StatusOr<ClientOutput> ClientConnection::Impl::Resume(std::unique_ptr<PendingWork> work) {
  if (!pending_ || work == nullptr) {
    return absl::FailedPreconditionError("no work is pending");
  }
  pending_ = false;
  ClientOutput output;
  Conclude(context_->Resume(std::move(work)), output);
  if (!pending_) {
    Take(incoming_.TakeRest(), output);
  }
  return Finished(std::move(output));
}

absl::StatusOr<ClientOutput> ClientConnection::Impl::Finished(ClientOutput output) {
  if (!fault_.ok()) {
    return fault_;
  }
  return output;
}

void ClientConnection::Impl::Take(std::span<const uint8_t> octets, ClientOutput& output) {
  if (state_ == State::kClosed) {
    output.close = true;
    return;
  }
  incoming_.Feed(octets, [this, &output](const Element& element) {
    OnElement(element, output);
    return !pending_ && state_ != State::kClosed;
  });
}

void ClientConnection::Impl::OnElement(const Element& element, ClientOutput& output) {
  switch (element.kind) {
    case Element::Kind::kData:
      output.data.insert(output.data.end(), element.octets.begin(), element.octets.end());
      break;
    case Element::Kind::kNegotiation:
      OnNegotiation(element, output);
      break;
    case Element::Kind::kSuboption:
      OnSuboption(element, output);
      break;
    case Element::Kind::kTooLong:
      if (element.option == kAuthentication) {
        Fail(Reason::kTokenTooLarge, "AUTHENTICATION: longer than the limit", output);
      }
      break;
    case Element::Kind::kMalformed:
      Fail(Reason::kMalformedToken, "a command inside a sub-negotiation", output);
      break;
  }
}

void ClientConnection::Impl::OnNegotiation(const Element& element, ClientOutput& output) {
  options_.OnNegotiation(element.verb, element.option, output.send);
  if (element.option != kAuthentication || state_ == State::kLoggedIn) {
    return;
  }
  if (element.verb == Verb::kDont) {
    GoWithout(Reason::kRefusedByPeer, "the server wants no authentication");
  } else if (element.verb == Verb::kDo && !options_.local_on(kAuthentication)) {
    GoWithout(Reason::kClientPolicyForbids,
              "the server is not among those that may be shown the credentials");
  } else if (element.verb == Verb::kDo && state_ == State::kBegin) {
    state_ = State::kWilling;
  }
}

void ClientConnection::Impl::OnSuboption(const Element& element, ClientOutput& output) {
  if (element.option == kAuthentication) {
    OnAuthentication(element.octets, output);
  } else if (options_.remote_on(element.option) || options_.local_on(element.option)) {
    output.suboptions.push_back({element.option, {element.octets.begin(), element.octets.end()}});
  }
}

void ClientConnection::Impl::OnAuthentication(std::span<const uint8_t> body, ClientOutput& output) {
  // Without our WILL, and once all is decided, it is not for us.
  if (state_ != State::kWilling && state_ != State::kNegotiating && state_ != State::kProving) {
    return;
  }
  const absl::StatusOr<AuthenticationMessage> message = ParseAuthentication(body);
  if (!message.ok()) {
    Fail(Reason::kMalformedToken, std::string(message.status().message()), output);
  } else if (message->verb == AuthenticationVerb::kSend && state_ == State::kWilling) {
    OnSend(*message, output);
  } else if (message->verb == AuthenticationVerb::kReply && message->pair == kNtlmPair) {
    OnReply(*message, output);
  } else {
    Fail(Reason::kUnexpectedMessage, "AUTHENTICATION: a message out of turn", output);
  }
}

void ClientConnection::Impl::OnSend(const AuthenticationMessage& message, ClientOutput& output) {
  if (std::find(message.offered.begin(), message.offered.end(), kNtlmPair) ==
      message.offered.end()) {
    AppendSuboption(kAuthentication, EncodeIsNull(), output.send);
    GoWithout(Reason::kUnsupportedMechanism, "the server does not offer NTLM");
    return;
  }
  InitiateOptions initiate;
  initiate.credentials = settings_.credentials;
  initiate.channel = settings_.channel;
  initiate.parameters = settings_.parameters;
  absl::StatusOr<std::unique_ptr<SecurityContext>> context =
      SecurityContext::Initiate(std::move(initiate));
  if (!context.ok()) {
    Fault(context.status());
    return;
  }
  context_ = *std::move(context);
  Conclude(context_->Step({}), output);
}

void ClientConnection::Impl::OnReply(const AuthenticationMessage& message, ClientOutput& output) {
  if (message.ntlm == NtlmCommand::kChallenge && state_ == State::kNegotiating) {
    Conclude(context_->Step(message.token), output);
  } else if (message.ntlm == NtlmCommand::kAccept && state_ == State::kProving) {
    state_ = State::kLoggedIn;
  } else if (message.ntlm == NtlmCommand::kReject && state_ != State::kWilling) {
    Fail(Reason::kRefusedByPeer, "", output);
  } else {
    Fail(Reason::kUnexpectedMessage, "AUTHENTICATION: an NTLM message out of turn", output);
  }
}

void ClientConnection::Impl::Conclude(absl::StatusOr<StepResult> result, ClientOutput& output) {
  if (!result.ok()) {
    Fault(result.status());
  } else if (result->state == StepState::kPending) {
    pending_ = true;
    output.pending_work = std::move(result->pending_work);
  } else if (result->state == StepState::kRejected) {
    Fail(context_->reason(), context_->reason_detail(), output);
  } else if (result->state == StepState::kContinue && state_ == State::kWilling) {
    state_ = State::kNegotiating;
    SendToken(NtlmCommand::kNegotiate, result->token, output);
  } else if (result->state == StepState::kEstablished && state_ == State::kNegotiating) {
    state_ = State::kProving;
    SendToken(NtlmCommand::kAuthenticate, result->token, output);
  } else {
    Fault(absl::InternalError("a package whose messages do not fit [MS-TNAP]"));
  }
}

void ClientConnection::Impl::SendToken(NtlmCommand command, std::span<const uint8_t> token,
                                       ClientOutput& output) {
  AppendSuboption(kAuthentication, EncodeNtlmIs(command, token), output.send);
}

void ClientConnection::Impl::GoWithout(Reason reason, std::string detail) {
  if (!refusal_.has_value()) {
    refusal_ = ClientRefusal{reason, std::move(detail)};
  }
  state_ = State::kWithoutLogin;
}

void ClientConnection::Impl::Fail(Reason reason, std::string detail, ClientOutput& output) {
  GoWithout(reason, std::move(detail));
  state_ = State::kClosed;
  output.close = true;
}

void ClientConnection::Impl::Fault(absl::Status status) {
  state_ = State::kClosed;
  fault_ = std::move(status);
}

ClientConnection::ClientConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClientConnection::~ClientConnection() = default;

absl::StatusOr<std::unique_ptr<ClientConnection>> ClientConnection::Create(ClientOptions options) {
  EPA_RETURN_IF_ERROR(
      ValidateSettings(options.credentials, options.options, options.max_suboption));
  if (!options.channel.has_value()) {
    return absl::InvalidArgumentError("a Telnet client needs the connection's channel");
  }
  return std::unique_ptr<ClientConnection>(
      new ClientConnection(std::make_unique<Impl>(std::move(options))));
}

absl::StatusOr<ClientOutput> ClientConnection::Receive(std::span<const uint8_t> octets) {
  return impl_->Receive(octets);
}
absl::StatusOr<ClientOutput> ClientConnection::Resume(std::unique_ptr<PendingWork> work) {
  return impl_->Resume(std::move(work));
}
absl::StatusOr<std::vector<uint8_t>> ClientConnection::AskRemote(Option option) {
  return AskRemoteOf(impl_->options(), option);
}
absl::StatusOr<std::vector<uint8_t>> ClientConnection::OfferLocal(Option option) {
  return OfferLocalOf(impl_->options(), option);
}
bool ClientConnection::logged_in() const { return impl_->logged_in(); }
const std::optional<ClientRefusal>& ClientConnection::refusal() const { return impl_->refusal(); }
const SecurityContext* ClientConnection::context() const { return impl_->context(); }

}  // namespace epa::telnet
