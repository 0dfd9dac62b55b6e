#include "epa/sasl/mail_client.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "lib/base/base64.h"
#include "lib/base/status_macros.h"
#include "lib/sasl/mail_words.h"

namespace epa::sasl {
namespace {

constexpr std::string_view kCancel = "*\r\n";

bool IsTag(std::string_view tag) {
  return !tag.empty() && std::ranges::all_of(tag, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

}  // namespace

class MailClient::Impl {
 public:
  Impl(MailClientOptions options, std::unique_ptr<ClientExchange> exchange)
      : options_(std::move(options)), exchange_(std::move(exchange)) {}

  absl::StatusOr<MailClientOutput> Begin();
  absl::StatusOr<MailClientOutput> Receive(std::string_view line);
  absl::StatusOr<MailClientOutput> Resume(std::unique_ptr<PendingWork> work);

  bool logged_in() const { return state_ == State::kLoggedIn; }
  const std::optional<Reason>& refusal() const { return refusal_; }
  const std::string& detail() const { return detail_; }
  const SecurityContext* context() const { return exchange_->context(); }

 private:
  enum class State : uint8_t {
    kFresh,
    kMaking,  // the first token
    kAsked,   // the command was sent, without it
    kReplying,
    kCancelled,
    kLoggedIn,
    kEnded,
  };

  absl::StatusOr<MailClientOutput> Conclude(absl::StatusOr<ClientStep> step);
  MailClientOutput SendCommand(std::vector<uint8_t> first);
  absl::StatusOr<MailClientOutput> OnChallenge(std::string_view text);
  absl::StatusOr<MailClientOutput> OnSuccess();
  MailClientOutput Send(std::string line);
  // By our side: the server waits for a response, and is told that there is none.
  MailClientOutput Cancel(Reason reason, std::string detail);
  // By our side, where it waits for nothing.
  MailClientOutput GiveUp(Reason reason, std::string detail);

  const MailClientOptions options_;
  const std::unique_ptr<ClientExchange> exchange_;
  State state_ = State::kFresh;
  // The server's success is being weighed.
  bool concluding_ = false;
  bool pending_ = false;
  std::vector<uint8_t> first_;
  std::optional<Reason> refusal_;
  Reason own_reason_ = Reason::kNone;
  std::string detail_;
};

absl::StatusOr<MailClientOutput> MailClient::Impl::Begin() {
  if (state_ != State::kFresh) {
    return absl::FailedPreconditionError("the login has begun");
  }
  state_ = State::kMaking;
  return Conclude(exchange_->Begin());
}

absl::StatusOr<MailClientOutput> MailClient::Impl::Receive(std::string_view line) {
  if (pending_ || state_ == State::kFresh || state_ == State::kMaking ||
      state_ == State::kLoggedIn || state_ == State::kEnded) {
    return absl::FailedPreconditionError("no line of the server is due");
  }
  using Kind = MailServerLine::Kind;
  const MailServerLine parsed = ParseServerLine(options_.protocol, options_.tag, line);
  if (state_ == State::kCancelled) {
    return GiveUp(own_reason_, std::move(detail_));
  }
  const bool go_ahead = parsed.kind == Kind::kSuccess && state_ == State::kAsked &&
                        options_.protocol == MailProtocol::kPop3;
  if (parsed.kind == Kind::kChallenge || go_ahead) {
    return OnChallenge(parsed.text);
  }
  if (parsed.kind == Kind::kSuccess) {
    return OnSuccess();
  }
  return parsed.kind == Kind::kRefusal
             ? GiveUp(Reason::kRefusedByPeer, std::string(parsed.text))
             : GiveUp(Reason::kUnexpectedMessage, "a line that answers nothing");
}

absl::StatusOr<MailClientOutput> MailClient::Impl::OnChallenge(std::string_view text) {
  if (state_ == State::kAsked) {
    // Whatever it says: words for people, as [MS-SMTPNTLM] has it.
    state_ = State::kReplying;
    return Send(ResponseLine(first_));
  }
  const std::optional<std::vector<uint8_t>> challenge = DecodeBase64(text);
  if (!challenge.has_value()) {
    return Cancel(Reason::kMalformedToken, "a challenge that is no base64");
  }
  return Conclude(exchange_->Step(*challenge));
}

absl::StatusOr<MailClientOutput> MailClient::Impl::OnSuccess() {
  concluding_ = true;
  return Conclude(state_ == State::kAsked ? absl::StatusOr<ClientStep>(ClientStep())
                                          : exchange_->Conclude(std::nullopt));
}

absl::StatusOr<MailClientOutput> MailClient::Impl::Resume(std::unique_ptr<PendingWork> work) {
  if (!pending_ || work == nullptr) {
    return absl::FailedPreconditionError("no work is pending");
  }
  pending_ = false;
  return Conclude(exchange_->Resume(std::move(work)));
}

absl::StatusOr<MailClientOutput> MailClient::Impl::Conclude(absl::StatusOr<ClientStep> step) {
  if (!step.ok()) {
    state_ = State::kEnded;
    return step.status();
  }
  if (step->state == ClientStep::State::kPending) {
    pending_ = true;
    MailClientOutput output;
    output.pending_work = std::move(step->pending_work);
    return output;
  }
  if (step->state == ClientStep::State::kRefused) {
    const bool silent = concluding_ || state_ == State::kMaking;
    const Reason reason =
        exchange_->reason() == Reason::kNone ? Reason::kUnexpectedMessage : exchange_->reason();
    return silent ? GiveUp(reason, exchange_->reason_detail())
                  : Cancel(reason, exchange_->reason_detail());
  }
  if (concluding_) {
    state_ = State::kLoggedIn;
    return MailClientOutput();
  }
  std::vector<uint8_t> response = std::move(step->data).value_or(std::vector<uint8_t>());
  return state_ == State::kMaking ? SendCommand(std::move(response)) : Send(ResponseLine(response));
}

MailClientOutput MailClient::Impl::SendCommand(std::vector<uint8_t> first) {
  std::string line = CommandLine(options_.protocol, options_.tag, options_.exchange.mechanism,
                                 std::optional(first));
  if (options_.initial_response &&
      line.size() <= LongestCommand(options_.protocol).value_or(line.size())) {
    state_ = State::kReplying;
    return Send(std::move(line));
  }
  first_ = std::move(first);
  state_ = State::kAsked;
  return Send(
      CommandLine(options_.protocol, options_.tag, options_.exchange.mechanism, std::nullopt));
}

MailClientOutput MailClient::Impl::Send(std::string line) {
  MailClientOutput output;
  output.send = std::move(line);
  return output;
}

MailClientOutput MailClient::Impl::Cancel(Reason reason, std::string detail) {
  state_ = State::kCancelled;
  own_reason_ = reason;
  detail_ = std::move(detail);
  return Send(std::string(kCancel));
}

MailClientOutput MailClient::Impl::GiveUp(Reason reason, std::string detail) {
  state_ = State::kEnded;
  refusal_ = reason;
  detail_ = std::move(detail);
  return {};
}

MailClient::MailClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MailClient::~MailClient() = default;

absl::StatusOr<std::unique_ptr<MailClient>> MailClient::Create(MailClientOptions options) {
  if (options.exchange.layer != Layer::kNone) {
    return absl::InvalidArgumentError("mail has no security layers");
  }
  if (options.protocol == MailProtocol::kImap && !IsTag(options.tag)) {
    return absl::InvalidArgumentError("a tag is letters and digits");
  }
  EPA_ASSIGN_OR_RETURN(auto exchange, ClientExchange::Create(options.exchange));
  return std::unique_ptr<MailClient>(
      new MailClient(std::make_unique<Impl>(std::move(options), std::move(exchange))));
}

absl::StatusOr<MailClientOutput> MailClient::Begin() { return impl_->Begin(); }
absl::StatusOr<MailClientOutput> MailClient::Receive(std::string_view line) {
  return impl_->Receive(line);
}
absl::StatusOr<MailClientOutput> MailClient::Resume(std::unique_ptr<PendingWork> work) {
  return impl_->Resume(std::move(work));
}
bool MailClient::logged_in() const { return impl_->logged_in(); }
const std::optional<Reason>& MailClient::refusal() const { return impl_->refusal(); }
const std::string& MailClient::refusal_detail() const { return impl_->detail(); }
const SecurityContext* MailClient::context() const { return impl_->context(); }

}  // namespace epa::sasl
