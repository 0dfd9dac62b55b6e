#include "bench/ours.h"

#include <utility>
#include <vector>

#include "epa/core/security_context.h"
#include "epa/sasl/security_layer.h"

namespace epa::bench {
namespace {

struct Shared {
  OurLogin login;
  std::shared_ptr<const ExtendedProtectionPolicy> policy;
  std::shared_ptr<const ChannelBindingsList> bindings;
};

struct Message {
  std::vector<uint8_t> text;
  std::vector<uint8_t> signature;
  std::vector<uint8_t> wrapped;
};

class OurWorker : public Worker {
 public:
  OurWorker(const Shared& shared, size_t slots)
      : Worker(slots, shared.login.legs), shared_(shared), clients_(slots), servers_(slots) {}

  void Step(size_t slot, size_t leg) override {
    if (leg == 0) {
      clients_[slot] = MakeClient();
      DropToken(slot);
    } else if (leg == 1) {
      servers_[slot] = MakeServer();
    }
    SecurityContext& context = IsClients(leg) ? *clients_[slot] : *servers_[slot];
    absl::StatusOr<StepResult> result = StepBlocking(context, token(slot));
    Require(result.ok(), "Step failed");
    Require(result->state == (Establishes(leg) ? StepState::kEstablished : StepState::kContinue),
            "Step led to an unexpected state");
    token(slot) = std::move(result->token);
    if (Establishes(leg) && shared_.login.keys == ProtectionKeys::kInEveryLogin) {
      Require(context.message_protection().ok(), "message_protection");
    }
  }

  void ReleaseClient(size_t slot) override { clients_[slot].reset(); }
  void ReleaseServer(size_t slot) override { servers_[slot].reset(); }

  void PrepareMessages(size_t count, size_t size) override {
    if (shared_.login.shape == MessageShape::kInSaslLayer) {
      constexpr sasl::LayerLimits kLimits = {.incoming = 1 << 20, .outgoing = 1 << 20};
      constexpr auto kLayer = sasl::Layer::kConfidentiality;
      sealing_layer_ = Value(sasl::SecurityLayer::Create(*clients_[0], kLayer, kLimits));
      unsealing_layer_ = Value(sasl::SecurityLayer::Create(*servers_[0], kLayer, kLimits));
    }
    sealing_ = Value(clients_[0]->message_protection());
    unsealing_ = Value(servers_[0]->message_protection());
    messages_.assign(count, Message{std::vector<uint8_t>(size, 0x33),
                                    std::vector<uint8_t>(sealing_->seal_signature_size()),
                                    {}});
  }

  void Seal(size_t index) override {
    Message& message = messages_[index];
    if (shared_.login.shape == MessageShape::kInSaslLayer) {
      message.wrapped = Value(sealing_layer_->Wrap(message.text));
    } else if (shared_.login.shape == MessageShape::kWrapped) {
      message.wrapped = Value(clients_[0]->Wrap(message.text));
    } else {
      Require(sealing_->Seal(message.text, message.signature).ok(), "Seal");
    }
  }

  void Unseal(size_t index) override {
    Message& message = messages_[index];
    if (shared_.login.shape == MessageShape::kInSaslLayer) {
      std::vector<uint8_t> text;
      Require(unsealing_layer_->Unwrap(message.wrapped, text).ok(), "SecurityLayer::Unwrap");
    } else if (shared_.login.shape == MessageShape::kWrapped) {
      Require(servers_[0]->Unwrap(message.wrapped).ok(), "Unwrap");
    } else {
      Require(unsealing_->Unseal(message.text, message.signature).ok(), "Unseal");
    }
  }

 private:
  std::unique_ptr<SecurityContext> MakeClient() const {
    InitiateOptions options;
    options.credentials = shared_.login.client;
    options.channel = Channel::Tls(shared_.bindings);
    options.parameters.target_name = kTargetName;
    options.parameters.want_signing = true;
    options.parameters.want_sealing = true;
    return Value(SecurityContext::Initiate(std::move(options)));
  }

  std::unique_ptr<SecurityContext> MakeServer() const {
    AcceptOptions options;
    options.credentials = shared_.login.server;
    options.policy = shared_.policy;
    options.channel = Channel::Tls(shared_.bindings);
    options.audit = NoAudit();
    return Value(SecurityContext::Accept(std::move(options)));
  }

  const Shared& shared_;
  std::vector<std::unique_ptr<SecurityContext>> clients_;
  std::vector<std::unique_ptr<SecurityContext>> servers_;
  MessageProtection* sealing_ = nullptr;
  MessageProtection* unsealing_ = nullptr;
  std::unique_ptr<sasl::SecurityLayer> sealing_layer_;
  std::unique_ptr<sasl::SecurityLayer> unsealing_layer_;
  std::vector<Message> messages_;
};

// The strictest policy: bindings and the service name must be right, and the MIC be there.
ExtendedProtectionPolicy StrictPolicy() {
  ExtendedProtectionOptions options;
  options.mode = ExtendedProtectionMode::kRequire;
  options.service_name_on_tls = true;
  options.require_mic = true;
  options.accepted_names = Value(AcceptedServiceNames::Create({std::string(kTargetName)}));
  return Value(ExtendedProtectionPolicy::Create(std::move(options)));
}

class Ours : public Contender {
 public:
  explicit Ours(OurLogin login) {
    shared_.login = std::move(login);
    shared_.policy = std::make_shared<ExtendedProtectionPolicy>(StrictPolicy());
    shared_.bindings = std::make_shared<ChannelBindingsList>(
        1, Value(ChannelBindings::FromApplicationData(BindingApplicationData())));
  }

  std::string_view name() const override { return shared_.login.name; }

  std::unique_ptr<Worker> CreateWorker(size_t slots) const override {
    return std::make_unique<OurWorker>(shared_, slots);
  }

 private:
  Shared shared_;
};

}  // namespace

std::unique_ptr<Contender> CreateOurs(OurLogin login) {
  return std::make_unique<Ours>(std::move(login));
}

}  // namespace epa::bench
