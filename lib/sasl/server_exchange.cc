#include "epa/sasl/server_exchange.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/sasl/held_audit.h"
#include "lib/sasl/layer_negotiation.h"
#include "lib/sasl/own_names.h"

namespace epa::sasl {
namespace {

// What is sent in one message where the client names no limit: those of GSS-SPNEGO and NTLM.
constexpr size_t kUnaskedMessage = 64 * 1024;

constexpr uint8_t Bit(Layer layer) { return static_cast<uint8_t>(layer); }

uint8_t LayersOf(LayerRule rule) {
  constexpr uint8_t kProtected = Bit(Layer::kIntegrity) | Bit(Layer::kConfidentiality);
  switch (rule) {
    case LayerRule::kNever:
    case LayerRule::kRefused:
      return Bit(Layer::kNone);
    case LayerRule::kAllowed:
      return Bit(Layer::kNone) | kProtected;
    case LayerRule::kRequired:
      return kProtected;
  }
  return Bit(Layer::kNone);
}

Layer LayerOf(const AgreedProtection& agreed) {
  if (agreed.sealing) {
    return Layer::kConfidentiality;
  }
  return agreed.signing ? Layer::kIntegrity : Layer::kNone;
}

}  // namespace

class ServerExchange::Impl {
 public:
  Impl(std::shared_ptr<const ServerConfig> config, MechanismType mechanism, LayerRule rule,
       StrengthRange strength)
      : config_(std::move(config)), mechanism_(mechanism), rule_(rule), strength_(strength) {}
  ~Impl();

  absl::Status Begin(const Channel& channel, std::string peer);
  absl::StatusOr<ServerStep> Step(std::optional<std::span<const uint8_t>> response);
  absl::StatusOr<ServerStep> Resume(std::unique_ptr<PendingWork> work);

  MechanismType mechanism() const { return mechanism_; }
  Reason reason() const { return reason_; }
  const std::string& detail() const { return detail_; }
  SecurityContext* context() const { return state_ == State::kAccepted ? context_.get() : nullptr; }
  SecurityLayer* layer() const { return layer_.get(); }
  const std::string& authorization_identity() const { return authorization_identity_; }

 private:
  enum class State : uint8_t { kToken, kPending, kEmpty, kChoice, kAccepted, kEnded };

  absl::StatusOr<ServerStep> Conclude(absl::StatusOr<StepResult> result);
  absl::StatusOr<ServerStep> OnEstablished(std::vector<uint8_t> token);
  absl::StatusOr<ServerStep> NegotiateLayer(std::vector<uint8_t> token);
  absl::StatusOr<ServerStep> TakeAgreedLayer(std::vector<uint8_t> token);
  absl::StatusOr<ServerStep> OfferLayers();
  absl::StatusOr<ServerStep> OnChoice(std::span<const uint8_t> wrapped);
  absl::StatusOr<ServerStep> Choose(const LayerChoice& choice);
  // Of the rule's layers those that are as strong as is asked for.
  uint8_t OfferedLayers() const;
  ServerStep RefuseLayer(Layer layer);
  bool MayActAs(const std::string& identity) const;
  absl::StatusOr<ServerStep> Accept(Layer layer, size_t outgoing,
                                    std::optional<std::vector<uint8_t>> data);
  ServerStep Refuse(Reason reason, std::string detail);
  absl::Status Fault(absl::Status status);

  const std::shared_ptr<const ServerConfig> config_;
  const MechanismType mechanism_;
  const LayerRule rule_;
  const StrengthRange strength_;
  State state_ = State::kToken;
  Reason reason_ = Reason::kNone;
  std::string detail_;
  std::string authorization_identity_;
  std::shared_ptr<HeldAudit> audit_;  // null where nobody hears
  std::unique_ptr<SecurityContext> context_;
  std::unique_ptr<SecurityLayer> layer_;
  MessageProtection* protection_ = nullptr;  // the context's, for GSSAPI
};

ServerExchange::Impl::~Impl() {
  layer_.reset();
  context_.reset();
  if (audit_ != nullptr) {
    try {
      audit_->ReleaseAs(AuditOutcome::kAbandoned, Reason::kAbandoned, "");
    } catch (const std::bad_alloc&) {
      // No memory for the event, and nobody to tell.
    }
  }
}

absl::Status ServerExchange::Impl::Begin(const Channel& channel, std::string peer) {
  const std::vector<MechanismType> offered = config_->Offered(channel);
  if (std::ranges::find(offered, mechanism_) == offered.end()) {
    return absl::FailedPreconditionError(std::string(MechanismName(mechanism_)) +
                                         " is not offered on this connection");
  }
  const ServerOptions& options = config_->options();
  AcceptOptions accept;
  accept.credentials = config_->CredentialsOf(mechanism_);
  accept.policy = options.policy;
  accept.channel = channel;
  accept.audit = options.audit;
  if (options.audit != NoAudit()) {
    audit_ = std::make_shared<HeldAudit>(options.audit);
    accept.audit = audit_;
  }
  accept.connection = std::move(peer);
  accept.clock = options.clock;
  EPA_ASSIGN_OR_RETURN(context_, SecurityContext::Accept(std::move(accept)));
  return absl::OkStatus();
}

absl::StatusOr<ServerStep> ServerExchange::Impl::Step(
    std::optional<std::span<const uint8_t>> response) {
  const auto octets = response.value_or(std::span<const uint8_t>());
  switch (state_) {
    case State::kToken:
      return Conclude(context_->Step(octets));
    case State::kEmpty:
      return octets.empty() ? OfferLayers()
                            : Refuse(Reason::kUnexpectedMessage, "data where none is due");
    case State::kChoice:
      return OnChoice(octets);
    case State::kPending:
    case State::kAccepted:
    case State::kEnded:
      break;
  }
  return absl::FailedPreconditionError("the exchange has ended, or waits for its pending work");
}

absl::StatusOr<ServerStep> ServerExchange::Impl::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kPending || work == nullptr) {
    return absl::FailedPreconditionError("no work is pending");
  }
  return Conclude(context_->Resume(std::move(work)));
}

absl::StatusOr<ServerStep> ServerExchange::Impl::Conclude(absl::StatusOr<StepResult> result) {
  if (!result.ok()) {
    return Fault(result.status());
  }
  ServerStep step;
  switch (result->state) {
    case StepState::kContinue:
      state_ = State::kToken;
      step.state = ServerStep::State::kContinue;
      step.data = std::move(result->token);
      return step;
    case StepState::kPending:
      state_ = State::kPending;
      step.state = ServerStep::State::kPending;
      step.pending_work = std::move(result->pending_work);
      return step;
    case StepState::kEstablished:
      return OnEstablished(std::move(result->token));
    case StepState::kRejected:
      break;
  }
  // A last token would tell one refusal from another.
  return Refuse(context_->reason(), context_->reason_detail());
}

absl::StatusOr<ServerStep> ServerExchange::Impl::OnEstablished(std::vector<uint8_t> token) {
  return mechanism_ == MechanismType::kGssapi ? NegotiateLayer(std::move(token))
                                              : TakeAgreedLayer(std::move(token));
}

absl::StatusOr<ServerStep> ServerExchange::Impl::NegotiateLayer(std::vector<uint8_t> token) {
  const absl::StatusOr<MessageProtection*> protection = context_->message_protection();
  if (!protection.ok()) {
    // RC4's keys, with which nothing is wrapped here.
    return Refuse(Reason::kEncryptionTypeRefused, std::string(protection.status().message()));
  }
  protection_ = *protection;
  protection_->RequireOrder();
  if (token.empty()) {
    return OfferLayers();
  }
  state_ = State::kEmpty;
  ServerStep step;
  step.state = ServerStep::State::kContinue;
  step.data = std::move(token);
  return step;
}

absl::StatusOr<ServerStep> ServerExchange::Impl::TakeAgreedLayer(std::vector<uint8_t> token) {
  std::optional<std::vector<uint8_t>> data;
  if (!token.empty()) {
    data = std::move(token);
  }
  Layer layer = Layer::kNone;
  if (rule_ != LayerRule::kNever) {
    const absl::StatusOr<AgreedProtection> agreed = context_->agreed_protection();
    if (!agreed.ok()) {
      return Fault(agreed.status());
    }
    layer = LayerOf(*agreed);
  }
  return Includes(OfferedLayers(), layer) ? Accept(layer, kUnaskedMessage, std::move(data))
                                          : RefuseLayer(layer);
}

absl::StatusOr<ServerStep> ServerExchange::Impl::OfferLayers() {
  LayerOffer offer;
  offer.layers = OfferedLayers();
  if (offer.layers == 0) {
    return RefuseLayer(Layer::kNone);
  }
  if (offer.layers != Bit(Layer::kNone)) {
    offer.max_message = static_cast<uint32_t>(config_->options().max_message);
  }
  auto wrapped = protection_->Wrap(EncodeLayerOffer(offer), WrapKind::kSigned);
  if (!wrapped.ok()) {
    return Fault(wrapped.status());
  }
  state_ = State::kChoice;
  ServerStep step;
  step.state = ServerStep::State::kContinue;
  step.data = *std::move(wrapped);
  return step;
}

absl::StatusOr<ServerStep> ServerExchange::Impl::OnChoice(std::span<const uint8_t> wrapped) {
  const absl::StatusOr<std::vector<uint8_t>> plain =
      protection_->Unwrap(wrapped, WrapKind::kSigned);
  if (!plain.ok()) {
    return Refuse(Reason::kMalformedToken, std::string(plain.status().message()));
  }
  const std::optional<LayerChoice> choice = ParseLayerChoice(*plain);
  return choice.has_value()
             ? Choose(*choice)
             : Refuse(Reason::kMalformedToken, "not a choice of a security layer (RFC 4752 3.1)");
}

absl::StatusOr<ServerStep> ServerExchange::Impl::Choose(const LayerChoice& choice) {
  const bool none = choice.layers == Bit(Layer::kNone);
  const bool one = none || choice.layers == Bit(Layer::kIntegrity) ||
                   choice.layers == Bit(Layer::kConfidentiality);
  if (!one) {
    return Refuse(Reason::kMalformedToken, "not one security layer");
  }
  if ((choice.layers & OfferedLayers()) == 0) {
    return RefuseLayer(static_cast<Layer>(choice.layers));
  }
  if (!none && choice.max_message < kLeastMessage) {
    return Refuse(Reason::kMalformedToken, "the client takes no message of 4096 octets");
  }
  if (!MayActAs(choice.authorization_identity)) {
    return Refuse(Reason::kAuthorizationRefused, "");
  }
  authorization_identity_ = choice.authorization_identity;
  return Accept(static_cast<Layer>(choice.layers), choice.max_message, std::nullopt);
}

uint8_t ServerExchange::Impl::OfferedLayers() const {
  uint8_t layers = 0;
  for (const Layer layer : {Layer::kNone, Layer::kIntegrity, Layer::kConfidentiality}) {
    if (Includes(LayersOf(rule_), layer) &&
        strength_.Includes(SecurityStrength(*context_, layer))) {
      layers |= Bit(layer);
    }
  }
  return layers;
}

ServerStep ServerExchange::Impl::RefuseLayer(Layer layer) {
  const bool weak = layer == Layer::kNone || SecurityStrength(*context_, layer) < strength_.least;
  return Refuse(weak ? Reason::kSecurityLayerRequired : Reason::kSecurityLayerForbidden, "");
}

bool ServerExchange::Impl::MayActAs(const std::string& identity) const {
  const absl::StatusOr<PeerIdentity> client = context_->peer();
  if (!client.ok()) {
    return false;
  }
  const Authorize& authorize = config_->options().authorize;
  return identity.empty() || NamesItself(*client, identity) ||
         (authorize != nullptr && authorize(*client, identity));
}

absl::StatusOr<ServerStep> ServerExchange::Impl::Accept(Layer layer, size_t outgoing,
                                                        std::optional<std::vector<uint8_t>> data) {
  if (layer != Layer::kNone) {
    absl::StatusOr<std::unique_ptr<SecurityLayer>> created = SecurityLayer::Create(
        *context_, layer, {.incoming = config_->options().max_message, .outgoing = outgoing});
    if (!created.ok()) {
      return Refuse(Reason::kEncryptionTypeRefused, std::string(created.status().message()));
    }
    layer_ = *std::move(created);
  }
  state_ = State::kAccepted;
  if (audit_ != nullptr) {
    audit_->Release();
  }
  ServerStep step;
  step.state = ServerStep::State::kAccepted;
  step.data = std::move(data);
  return step;
}

ServerStep ServerExchange::Impl::Refuse(Reason reason, std::string detail) {
  state_ = State::kEnded;
  reason_ = reason;
  detail_ = std::move(detail);
  if (audit_ != nullptr) {
    audit_->ReleaseAs(AuditOutcome::kRefused, reason_, detail_);
  }
  return {};
}

absl::Status ServerExchange::Impl::Fault(absl::Status status) {
  state_ = State::kEnded;
  reason_ = absl::IsUnavailable(status) ? Reason::kAuthorityUnavailable : Reason::kInternalFault;
  if (audit_ != nullptr) {
    audit_->ReleaseAs(AuditOutcome::kFault, reason_, std::string(status.message()));
  }
  return status;
}

ServerExchange::ServerExchange(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServerExchange::~ServerExchange() = default;

absl::StatusOr<std::unique_ptr<ServerExchange>> ServerExchange::Create(
    std::shared_ptr<const ServerConfig> config, MechanismType mechanism, LayerRule rule,
    const Channel& channel, std::string peer, StrengthRange strength) {
  auto impl = std::make_unique<Impl>(std::move(config), mechanism, rule, strength);
  EPA_RETURN_IF_ERROR(impl->Begin(channel, std::move(peer)));
  return std::unique_ptr<ServerExchange>(new ServerExchange(std::move(impl)));
}

absl::StatusOr<ServerStep> ServerExchange::Step(std::optional<std::span<const uint8_t>> response) {
  return impl_->Step(response);
}
absl::StatusOr<ServerStep> ServerExchange::Resume(std::unique_ptr<PendingWork> work) {
  return impl_->Resume(std::move(work));
}
MechanismType ServerExchange::mechanism() const { return impl_->mechanism(); }
Reason ServerExchange::reason() const { return impl_->reason(); }
const std::string& ServerExchange::reason_detail() const { return impl_->detail(); }
SecurityContext* ServerExchange::context() { return impl_->context(); }
const SecurityContext* ServerExchange::context() const { return impl_->context(); }
SecurityLayer* ServerExchange::layer() { return impl_->layer(); }
const std::string& ServerExchange::authorization_identity() const {
  return impl_->authorization_identity();
}

}  // namespace epa::sasl
