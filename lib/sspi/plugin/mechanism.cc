#include "lib/sspi/plugin/mechanism.h"

#include "absl/status/status.h"
#include "lib/base/status_macros.h"

namespace epa::sspi {

// One step and its outcome. The mechanism keeps it, so that whatever object comes back, the outcome
// is that of its own step.
struct PluginMechanism::Call {
  std::shared_ptr<PluginContext> context;
  std::vector<uint8_t> token;
  absl::StatusOr<MechanismResult> result =
      absl::FailedPreconditionError("the pending work was not run");
};

class PluginMechanism::Work : public PendingWork {
 public:
  explicit Work(std::shared_ptr<Call> call) : call_(std::move(call)) {}
  void Run() override { call_->result = call_->context->Step(call_->token); }

 private:
  std::shared_ptr<Call> call_;
};

absl::StatusOr<std::unique_ptr<Mechanism>> PluginMechanism::Accept(
    std::shared_ptr<const PluginCredentials> credentials, const Channel& channel) {
  ContextRequest request;
  request.acceptor = true;
  if (channel.has_bindings()) {
    request.bindings =
        channel.bindings().front().ToSecChannelBindingsEx(kSecChannelBindingsAuditBindings);
    request.ask_for_result = true;
  } else if (channel.kind() == ChannelKind::kTrustedProxy) {
    request.flags = ASC_REQ_PROXY_BINDINGS | ASC_REQ_ALLOW_MISSING_BINDINGS;
    request.ask_for_result = true;
  }
  return std::unique_ptr<Mechanism>(
      new PluginMechanism(std::move(credentials), std::move(request)));
}

absl::StatusOr<std::unique_ptr<Mechanism>> PluginMechanism::Initiate(
    std::shared_ptr<const PluginCredentials> credentials, const Channel& channel,
    const InitiatorParameters& parameters) {
  if (parameters.binding == BindingRequest::kOmit) {
    return absl::FailedPreconditionError(
        "a plug-in cannot be told to say nothing about channel bindings");
  }
  EPA_ASSIGN_OR_RETURN(const ChannelBindingToken token, BindingToSend(channel, parameters.binding));
  ContextRequest request;
  if (!token.IsZero()) {
    request.bindings = channel.bindings().front().ToSecChannelBindings();
  }
  if (!parameters.target_name.empty()) {
    request.target_name = parameters.target_name;
  }
  request.flags = ISC_REQ_MUTUAL_AUTH;
  request.must_sign = parameters.require_signing;
  request.must_seal = parameters.require_sealing;
  const bool sealing = parameters.want_sealing || parameters.require_sealing;
  if (parameters.want_signing || parameters.require_signing || sealing) {
    request.flags |= ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT;
  }
  if (sealing) {
    request.flags |= ISC_REQ_CONFIDENTIALITY;
  }
  if (parameters.target_name_untrusted) {
    request.flags |= ISC_REQ_UNVERIFIED_TARGET_NAME;
  }
  const bool may_learn = token.IsZero() && parameters.binding == BindingRequest::kFromChannel;
  std::unique_ptr<PluginMechanism> mechanism(
      new PluginMechanism(std::move(credentials), std::move(request)));
  mechanism->channel_ = may_learn ? &channel : nullptr;
  return mechanism;
}

absl::StatusOr<MechanismResult> PluginMechanism::Step(std::span<const uint8_t> token) {
  if (state_ != State::kExchanging) {
    return absl::FailedPreconditionError("the plug-in's exchange takes no token now");
  }
  if (channel_ != nullptr && channel_->has_bindings()) {
    context_->LearnBindings(channel_->bindings().front().ToSecChannelBindings());
    channel_ = nullptr;
  }
  if (!credentials_->blocks()) {
    return Conclude(context_->Step(token));
  }
  call_ = std::make_shared<Call>();
  call_->context = context_;
  call_->token.assign(token.begin(), token.end());
  auto work = std::make_unique<Work>(call_);
  pending_ = work.get();
  state_ = State::kPending;
  return MechanismResult::Pending(std::move(work));
}

absl::StatusOr<MechanismResult> PluginMechanism::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kPending || work == nullptr || work.get() != pending_) {
    return absl::FailedPreconditionError("this work does not belong to this exchange");
  }
  pending_ = nullptr;
  return Conclude(std::move(std::exchange(call_, nullptr)->result));
}

absl::StatusOr<MechanismResult> PluginMechanism::Conclude(absl::StatusOr<MechanismResult> result) {
  identity_ = context_->identity();
  evidence_ = context_->evidence();
  state_ = State::kEnded;
  if (result.ok() && result->outcome == MechanismResult::Outcome::kContinue) {
    state_ = State::kExchanging;
  } else if (result.ok() && result->outcome == MechanismResult::Outcome::kVerified) {
    state_ = State::kVerified;
  }
  return result;
}

absl::StatusOr<SecretBytes> PluginMechanism::ExportSessionKey() const {
  if (state_ != State::kVerified) {
    return absl::FailedPreconditionError("the exchange has not verified");
  }
  return context_->ExportSessionKey();
}

absl::StatusOr<MessageProtection*> PluginMechanism::message_protection() {
  if (state_ != State::kVerified) {
    return absl::FailedPreconditionError("the exchange has not verified");
  }
  if (messages_ == nullptr) {
    EPA_ASSIGN_OR_RETURN(messages_, PluginMessages::Create(context_));
  }
  return messages_.get();
}

}  // namespace epa::sspi
