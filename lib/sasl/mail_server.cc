#include "epa/sasl/mail_server.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "lib/base/base64.h"
#include "lib/sasl/mail_words.h"

namespace epa::sasl {
namespace {

// RFC 4954 4: not before three.
constexpr int kMostFailures = 5;

struct Command {
  std::string_view mechanism;
  std::optional<std::string_view> initial_response;
};

// Mechanism, and the response if there is one; nothing else, and no literals or quotes, which would
// not be base64 either.
std::optional<Command> ParseArguments(std::string_view arguments) {
  const size_t blank = arguments.find(' ');
  Command command = {arguments.substr(0, blank), std::nullopt};
  if (blank != std::string_view::npos) {
    command.initial_response = arguments.substr(blank + 1);
    if (command.initial_response->empty() ||
        command.initial_response->find(' ') != std::string_view::npos) {
      return std::nullopt;
    }
  }
  return command.mechanism.empty() ? std::nullopt : std::optional(command);
}

std::string_view WithoutTrailingBlanks(std::string_view line) {
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

}  // namespace

class MailServer::Impl {
 public:
  Impl(std::shared_ptr<const ServerConfig> config, MailProtocol protocol, Channel channel,
       std::string peer)
      : config_(std::move(config)),
        protocol_(protocol),
        channel_(std::move(channel)),
        peer_(std::move(peer)) {}

  std::string Capability() const { return CapabilityText(protocol_, config_->Offered(channel_)); }
  MailServerOutput Begin(std::string_view arguments, std::string_view tag);
  MailServerOutput Receive(std::string_view line);
  MailServerOutput ReceiveTooLong();
  MailServerOutput Resume(std::unique_ptr<PendingWork> work);

  bool in_progress() const { return state_ == State::kExchanging || state_ == State::kConfirming; }
  const ServerExchange* login() const {
    return state_ == State::kLoggedIn ? exchange_.get() : nullptr;
  }

 private:
  enum class State : uint8_t { kIdle, kExchanging, kConfirming, kLoggedIn };

  MailServerOutput BeginWith(const Command& command);
  MailServerOutput Take(std::optional<std::span<const uint8_t>> response);
  MailServerOutput Conclude(absl::StatusOr<ServerStep> step);
  MailServerOutput Succeed();
  // Nobody is logged in; a login under way ends.
  MailServerOutput Fail(MailReply reply, absl::Status reason);

  const std::shared_ptr<const ServerConfig> config_;
  const MailProtocol protocol_;
  const Channel channel_;
  const std::string peer_;
  State state_ = State::kIdle;
  bool pending_ = false;
  int failures_ = 0;
  std::string tag_;
  std::unique_ptr<ServerExchange> exchange_;
};

MailServerOutput MailServer::Impl::Begin(std::string_view arguments, std::string_view tag) {
  if (pending_ || in_progress()) {
    MailServerOutput output;
    output.send = ReplyLine(protocol_, MailReply::kOutOfTurn, tag);
    output.reason = absl::FailedPreconditionError("a login is under way");
    return output;
  }
  tag_ = tag;
  if (state_ == State::kLoggedIn) {
    MailServerOutput output;
    output.send = ReplyLine(protocol_, MailReply::kLoggedIn, tag_);
    output.reason = absl::InvalidArgumentError("a login after the login");
    return output;
  }
  const std::optional<Command> command = ParseArguments(WithoutTrailingBlanks(arguments));
  return command.has_value()
             ? BeginWith(*command)
             : Fail(MailReply::kBadCommand, absl::InvalidArgumentError("arguments that are none"));
}

MailServerOutput MailServer::Impl::BeginWith(const Command& command) {
  const std::optional<MechanismType> mechanism = ParseMechanism(command.mechanism);
  if (!mechanism.has_value() || config_->CredentialsOf(*mechanism) == nullptr) {
    return Fail(MailReply::kUnknownMechanism, absl::InvalidArgumentError("an unknown mechanism"));
  }
  const std::vector<MechanismType> offered = config_->Offered(channel_);
  if (std::ranges::find(offered, *mechanism) == offered.end()) {
    return Fail(MailReply::kNeedsTls, absl::InvalidArgumentError("a login before TLS"));
  }
  auto exchange = ServerExchange::Create(config_, *mechanism, LayerRule::kNever, channel_, peer_);
  if (!exchange.ok()) {
    return Fail(MailReply::kOurFault, exchange.status());
  }
  exchange_ = *std::move(exchange);
  state_ = State::kExchanging;
  if (!command.initial_response.has_value()) {
    MailServerOutput output;
    output.send = ChallengeLine(protocol_, std::nullopt);
    return output;
  }
  return Receive(*command.initial_response == "=" ? "" : *command.initial_response);
}

MailServerOutput MailServer::Impl::Receive(std::string_view line) {
  if (pending_ || !in_progress()) {
    return Fail(MailReply::kOurFault,
                absl::FailedPreconditionError("a line was given while none was due"));
  }
  // [MS-OXIMAP] 2.2.1 has a blank behind it.
  if (WithoutTrailingBlanks(line) == "*") {
    return Fail(MailReply::kCancelled, absl::CancelledError("the client gave up"));
  }
  const std::optional<std::vector<uint8_t>> response = DecodeBase64(line);
  if (!response.has_value()) {
    return Fail(MailReply::kBadBase64, absl::InvalidArgumentError("a response that is no base64"));
  }
  return Take(*response);
}

MailServerOutput MailServer::Impl::ReceiveTooLong() {
  return Fail(MailReply::kTooLong, absl::InvalidArgumentError("a line that is too long"));
}

MailServerOutput MailServer::Impl::Take(std::optional<std::span<const uint8_t>> response) {
  if (state_ == State::kConfirming) {
    return response->empty()
               ? Succeed()
               : Fail(MailReply::kRefused,
                      absl::InvalidArgumentError("data after the login's last message"));
  }
  return Conclude(exchange_->Step(response));
}

MailServerOutput MailServer::Impl::Resume(std::unique_ptr<PendingWork> work) {
  if (!std::exchange(pending_, false) || work == nullptr) {
    return Fail(MailReply::kOurFault, absl::FailedPreconditionError("no work was pending"));
  }
  return Conclude(exchange_->Resume(std::move(work)));
}

MailServerOutput MailServer::Impl::Conclude(absl::StatusOr<ServerStep> step) {
  if (!step.ok()) {
    return Fail(MailReply::kOurFault, step.status());
  }
  MailServerOutput output;
  switch (step->state) {
    case ServerStep::State::kContinue:
      output.send = ChallengeLine(protocol_, step->data);
      return output;
    case ServerStep::State::kPending:
      pending_ = true;
      output.pending_work = std::move(step->pending_work);
      return output;
    case ServerStep::State::kAccepted:
      if (!step->data.has_value()) {
        return Succeed();
      }
      // Success has no room for a token (RFC 4954 4).
      state_ = State::kConfirming;
      output.send = ChallengeLine(protocol_, step->data);
      return output;
    case ServerStep::State::kRefused:
      break;
  }
  return Fail(MailReply::kRefused,
              absl::PermissionDeniedError(std::string(ReasonText(exchange_->reason()))));
}

MailServerOutput MailServer::Impl::Succeed() {
  state_ = State::kLoggedIn;
  MailServerOutput output;
  output.send = ReplyLine(protocol_, MailReply::kSuccess, tag_);
  return output;
}

MailServerOutput MailServer::Impl::Fail(MailReply reply, absl::Status reason) {
  MailServerOutput output;
  output.send = ReplyLine(protocol_, reply, tag_);
  output.reason = std::move(reason);
  output.close = ++failures_ >= kMostFailures;
  state_ = State::kIdle;
  pending_ = false;
  exchange_.reset();
  return output;
}

MailServer::MailServer(std::shared_ptr<const ServerConfig> config, MailProtocol protocol,
                       Channel channel, std::string peer)
    : impl_(std::make_unique<Impl>(std::move(config), protocol, std::move(channel),
                                   std::move(peer))) {}
MailServer::~MailServer() = default;
MailServer::MailServer(MailServer&&) noexcept = default;
MailServer& MailServer::operator=(MailServer&&) noexcept = default;

std::string MailServer::Capability() const { return impl_->Capability(); }
MailServerOutput MailServer::Begin(std::string_view arguments, std::string_view tag) {
  return impl_->Begin(arguments, tag);
}
MailServerOutput MailServer::Receive(std::string_view line) { return impl_->Receive(line); }
MailServerOutput MailServer::ReceiveTooLong() { return impl_->ReceiveTooLong(); }
MailServerOutput MailServer::Resume(std::unique_ptr<PendingWork> work) {
  return impl_->Resume(std::move(work));
}
bool MailServer::in_progress() const { return impl_->in_progress(); }
const ServerExchange* MailServer::login() const { return impl_->login(); }

}  // namespace epa::sasl
