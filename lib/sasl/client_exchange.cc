#include "epa/sasl/client_exchange.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/sasl/layer_negotiation.h"
#include "lib/sasl/packages.h"

namespace epa::sasl {
namespace {

// What is sent in one message where the server names no limit.
constexpr size_t kUnaskedMessage = 64 * 1024;

absl::Status CheckOptions(const ClientOptions& options) {
  EPA_RETURN_IF_ERROR(CheckPackage(options.mechanism, options.credentials));
  if (!options.channel.has_value()) {
    return absl::InvalidArgumentError("a SASL client needs the connection's channel");
  }
  if (!options.authorization_identity.empty() && options.mechanism != MechanismType::kGssapi) {
    return absl::InvalidArgumentError("GSSAPI alone carries an authorization identity");
  }
  if (!IsAuthorizationIdentity(options.authorization_identity)) {
    return absl::InvalidArgumentError(
        "an authorization identity is UTF-8 without NUL of at most 1024 octets");
  }
  if (options.layer != Layer::kNone && options.max_message < kLeastMessage) {
    return absl::InvalidArgumentError("max_message is 4096 or more");
  }
  return absl::OkStatus();
}

// GSSAPI's negotiation itself is signed.
InitiatorParameters ParametersOf(const ClientOptions& options) {
  InitiatorParameters parameters = options.parameters;
  const bool sealing = options.layer == Layer::kConfidentiality;
  const bool signing = sealing || options.layer == Layer::kIntegrity;
  parameters.want_signing = signing || options.mechanism == MechanismType::kGssapi;
  parameters.want_sealing = sealing;
  parameters.forbid_protection = !parameters.want_signing;
  parameters.require_signing = signing && !options.weaker_layers;
  parameters.require_sealing = sealing && !options.weaker_layers;
  return parameters;
}

}  // namespace

class ClientExchange::Impl {
 public:
  explicit Impl(ClientOptions options) : options_(std::move(options)) {}

  absl::StatusOr<ClientStep> Begin();
  absl::StatusOr<ClientStep> Step(std::span<const uint8_t> challenge);
  absl::StatusOr<ClientStep> Resume(std::unique_ptr<PendingWork> work);
  absl::StatusOr<ClientStep> End(std::optional<std::span<const uint8_t>> data);

  bool done() const { return state_ == State::kDone; }
  bool complete() const { return state_ == State::kComplete; }
  Reason reason() const { return reason_; }
  const std::string& detail() const { return detail_; }
  const SecurityContext* context() const { return context_.get(); }
  SecurityLayer* layer() const { return complete() ? layer_.get() : nullptr; }

 private:
  enum class State : uint8_t { kFresh, kToken, kPending, kOffer, kDone, kComplete, kEnded };

  absl::StatusOr<ClientStep> Take(absl::StatusOr<StepResult> result);
  absl::StatusOr<ClientStep> OnEstablished(std::vector<uint8_t> token);
  absl::StatusOr<ClientStep> OnOffer(std::span<const uint8_t> wrapped);
  absl::StatusOr<ClientStep> ChooseFrom(const LayerOffer& offer, MessageProtection& protection);
  // What the context agreed to; no value where that is not what was asked for.
  std::optional<Layer> AgreedLayer() const;
  bool IsAskedLayer(Layer layer) const;
  absl::Status CreateLayer(Layer layer, size_t outgoing);
  ClientStep Complete();
  ClientStep Refuse(Reason reason, std::string detail);
  absl::Status Fault(absl::Status status);

  const ClientOptions options_;
  State state_ = State::kFresh;
  // The server has said that we are logged in.
  bool concluding_ = false;
  Reason reason_ = Reason::kNone;
  std::string detail_;
  std::unique_ptr<SecurityContext> context_;
  std::unique_ptr<SecurityLayer> layer_;
};

absl::StatusOr<ClientStep> ClientExchange::Impl::Begin() {
  if (state_ != State::kFresh) {
    return absl::FailedPreconditionError("the exchange has begun");
  }
  InitiateOptions initiate;
  initiate.credentials = options_.credentials;
  initiate.channel = options_.channel;
  initiate.parameters = ParametersOf(options_);
  auto context = SecurityContext::Initiate(std::move(initiate));
  if (!context.ok()) {
    return Fault(context.status());
  }
  context_ = *std::move(context);
  return Take(context_->Step({}));
}

absl::StatusOr<ClientStep> ClientExchange::Impl::Step(std::span<const uint8_t> challenge) {
  switch (state_) {
    case State::kToken:
      return Take(context_->Step(challenge));
    case State::kOffer:
      return OnOffer(challenge);
    case State::kDone:
      return Refuse(Reason::kUnexpectedMessage, "a challenge after the last one");
    case State::kFresh:
    case State::kPending:
    case State::kComplete:
    case State::kEnded:
      break;
  }
  return absl::FailedPreconditionError("no challenge is due");
}

absl::StatusOr<ClientStep> ClientExchange::Impl::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kPending || work == nullptr) {
    return absl::FailedPreconditionError("no work is pending");
  }
  return Take(context_->Resume(std::move(work)));
}

absl::StatusOr<ClientStep> ClientExchange::Impl::End(std::optional<std::span<const uint8_t>> data) {
  const auto octets = data.value_or(std::span<const uint8_t>());
  if (state_ == State::kDone && octets.empty()) {
    return Complete();
  }
  if (state_ == State::kToken && !octets.empty() && options_.mechanism != MechanismType::kGssapi) {
    concluding_ = true;
    return Take(context_->Step(octets));
  }
  if (state_ == State::kFresh || state_ == State::kPending || state_ == State::kComplete ||
      state_ == State::kEnded) {
    return absl::FailedPreconditionError("no outcome is due");
  }
  return Refuse(Reason::kUnexpectedMessage, "the server ended the exchange out of turn");
}

absl::StatusOr<ClientStep> ClientExchange::Impl::Take(absl::StatusOr<StepResult> result) {
  if (!result.ok()) {
    return Fault(result.status());
  }
  ClientStep step;
  switch (result->state) {
    case StepState::kContinue:
      if (concluding_) {
        return Refuse(Reason::kUnexpectedMessage, "success before the last message");
      }
      state_ = State::kToken;
      step.state = ClientStep::State::kContinue;
      step.data = std::move(result->token);
      return step;
    case StepState::kPending:
      state_ = State::kPending;
      step.state = ClientStep::State::kPending;
      step.pending_work = std::move(result->pending_work);
      return step;
    case StepState::kEstablished:
      return OnEstablished(std::move(result->token));
    case StepState::kRejected:
      break;
  }
  return Refuse(context_->reason(), context_->reason_detail());
}

absl::StatusOr<ClientStep> ClientExchange::Impl::OnEstablished(std::vector<uint8_t> token) {
  if (concluding_ && !token.empty()) {
    return Refuse(Reason::kUnexpectedMessage, "success before the last message");
  }
  ClientStep step;
  step.state = ClientStep::State::kContinue;
  step.data = std::move(token);
  if (options_.mechanism == MechanismType::kGssapi) {
    state_ = State::kOffer;
    return step;
  }
  const std::optional<Layer> layer = AgreedLayer();
  if (!layer.has_value()) {
    return Refuse(options_.layer == Layer::kNone ? Reason::kSecurityLayerForbidden
                                                 : Reason::kServerFlagsUnacceptable,
                  "");
  }
  EPA_RETURN_IF_ERROR(CreateLayer(*layer, kUnaskedMessage));
  state_ = State::kDone;
  return concluding_ ? Complete() : std::move(step);
}

std::optional<Layer> ClientExchange::Impl::AgreedLayer() const {
  const absl::StatusOr<AgreedProtection> agreed = context_->agreed_protection();
  if (!agreed.ok() || (agreed->sealing && !agreed->signing)) {
    return std::nullopt;
  }
  Layer layer = agreed->signing ? Layer::kIntegrity : Layer::kNone;
  if (agreed->sealing) {
    layer = Layer::kConfidentiality;
  }
  return IsAskedLayer(layer) ? std::optional(layer) : std::nullopt;
}

bool ClientExchange::Impl::IsAskedLayer(Layer layer) const {
  const bool wanted = layer == options_.layer || (options_.weaker_layers && layer < options_.layer);
  return wanted && options_.strength.Includes(SecurityStrength(*context_, layer));
}

absl::StatusOr<ClientStep> ClientExchange::Impl::OnOffer(std::span<const uint8_t> wrapped) {
  const absl::StatusOr<MessageProtection*> protection = context_->message_protection();
  if (!protection.ok()) {
    return Refuse(Reason::kEncryptionTypeRefused, std::string(protection.status().message()));
  }
  (*protection)->RequireOrder();
  const absl::StatusOr<std::vector<uint8_t>> plain =
      (*protection)->Unwrap(wrapped, WrapKind::kSigned);
  if (!plain.ok()) {
    return Refuse(Reason::kMalformedToken, std::string(plain.status().message()));
  }
  const std::optional<LayerOffer> offer = ParseLayerOffer(*plain);
  return offer.has_value()
             ? ChooseFrom(*offer, **protection)
             : Refuse(Reason::kMalformedToken, "not an offer of security layers (RFC 4752 3.2)");
}

absl::StatusOr<ClientStep> ClientExchange::Impl::ChooseFrom(const LayerOffer& offer,
                                                            MessageProtection& protection) {
  constexpr std::array kStrongestFirst = {Layer::kConfidentiality, Layer::kIntegrity, Layer::kNone};
  const auto* const layer = std::ranges::find_if(
      kStrongestFirst, [&](Layer one) { return Includes(offer.layers, one) && IsAskedLayer(one); });
  if (layer == kStrongestFirst.end()) {
    return Refuse(
        Reason::kServerFlagsUnacceptable,
        "the server does not offer the security layer " + std::string(LayerName(options_.layer)));
  }
  LayerChoice choice;
  choice.layers = static_cast<uint8_t>(*layer);
  choice.authorization_identity = options_.authorization_identity;
  if (*layer != Layer::kNone) {
    if (offer.max_message < kLeastMessage) {
      return Refuse(Reason::kServerFlagsUnacceptable, "the server takes no message of 4096 octets");
    }
    choice.max_message = static_cast<uint32_t>(std::min<size_t>(options_.max_message, kMostTold));
  }
  auto wrapped = protection.Wrap(EncodeLayerChoice(choice), WrapKind::kSigned);
  if (!wrapped.ok()) {
    return Fault(wrapped.status());
  }
  EPA_RETURN_IF_ERROR(CreateLayer(*layer, offer.max_message));
  state_ = State::kDone;
  ClientStep step;
  step.state = ClientStep::State::kContinue;
  step.data = *std::move(wrapped);
  return step;
}

absl::Status ClientExchange::Impl::CreateLayer(Layer layer, size_t outgoing) {
  if (layer == Layer::kNone) {
    return absl::OkStatus();
  }
  auto created = SecurityLayer::Create(*context_, layer,
                                       {.incoming = options_.max_message, .outgoing = outgoing});
  if (!created.ok()) {
    return Fault(created.status());
  }
  layer_ = *std::move(created);
  return absl::OkStatus();
}

ClientStep ClientExchange::Impl::Complete() {
  state_ = State::kComplete;
  ClientStep step;
  step.state = ClientStep::State::kContinue;
  return step;
}

ClientStep ClientExchange::Impl::Refuse(Reason reason, std::string detail) {
  state_ = State::kEnded;
  reason_ = reason;
  detail_ = std::move(detail);
  return {};
}

absl::Status ClientExchange::Impl::Fault(absl::Status status) {
  state_ = State::kEnded;
  reason_ = Reason::kInternalFault;
  return status;
}

ClientExchange::ClientExchange(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClientExchange::~ClientExchange() = default;

absl::StatusOr<std::unique_ptr<ClientExchange>> ClientExchange::Create(ClientOptions options) {
  EPA_RETURN_IF_ERROR(CheckOptions(options));
  return std::unique_ptr<ClientExchange>(
      new ClientExchange(std::make_unique<Impl>(std::move(options))));
}

absl::StatusOr<ClientStep> ClientExchange::Begin() { return impl_->Begin(); }
absl::StatusOr<ClientStep> ClientExchange::Step(std::span<const uint8_t> challenge) {
  return impl_->Step(challenge);
}
absl::StatusOr<ClientStep> ClientExchange::Resume(std::unique_ptr<PendingWork> work) {
  return impl_->Resume(std::move(work));
}
absl::StatusOr<ClientStep> ClientExchange::Conclude(std::optional<std::span<const uint8_t>> data) {
  return impl_->End(data);
}
bool ClientExchange::done() const { return impl_->done(); }
bool ClientExchange::complete() const { return impl_->complete(); }
Reason ClientExchange::reason() const { return impl_->reason(); }
const std::string& ClientExchange::reason_detail() const { return impl_->detail(); }
const SecurityContext* ClientExchange::context() const { return impl_->context(); }
SecurityLayer* ClientExchange::layer() { return impl_->layer(); }

}  // namespace epa::sasl
