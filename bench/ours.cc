#include "bench/ours.h"

#include <string>
#include <utility>

#include "epa/core/security_context.h"
#include "epa/ntlm/ntlm.h"

namespace epa::bench {
namespace {

template <typename T>
T Value(absl::StatusOr<T> result) {
  if (!result.ok()) {
    Require(false, result.status().ToString());
  }
  return *std::move(result);
}

struct Shared {
  std::shared_ptr<const Credentials> client;
  std::shared_ptr<const Credentials> server;
  std::shared_ptr<const ExtendedProtectionPolicy> policy;
  std::shared_ptr<const ChannelBindingsList> bindings;
  ProtectionKeys keys = ProtectionKeys::kOnFirstUse;
};

struct Message {
  std::vector<uint8_t> text;
  std::vector<uint8_t> signature;
};

class OurWorker : public Worker {
 public:
  OurWorker(const Shared& shared, size_t slots)
      : Worker(slots), shared_(shared), clients_(slots), servers_(slots) {}

  void Negotiate(size_t slot) override {
    InitiateOptions options;
    options.credentials = shared_.client;
    options.channel = Channel::Tls(shared_.bindings);
    options.parameters.target_name = kTargetName;
    options.parameters.want_signing = true;
    options.parameters.want_sealing = true;
    clients_[slot] = Value(SecurityContext::Initiate(std::move(options)));
    DropToken(slot);
    Step(*clients_[slot], slot, StepState::kContinue);
  }

  void Challenge(size_t slot) override {
    AcceptOptions options;
    options.credentials = shared_.server;
    options.policy = shared_.policy;
    options.channel = Channel::Tls(shared_.bindings);
    servers_[slot] = Value(SecurityContext::Accept(std::move(options)));
    Step(*servers_[slot], slot, StepState::kContinue);
  }

  void Authenticate(size_t slot) override {
    Step(*clients_[slot], slot, StepState::kEstablished);
    MakeKeys(*clients_[slot]);
  }

  void Accept(size_t slot) override {
    Step(*servers_[slot], slot, StepState::kEstablished);
    MakeKeys(*servers_[slot]);
  }

  void ReleaseClient(size_t slot) override { clients_[slot].reset(); }
  void ReleaseServer(size_t slot) override { servers_[slot].reset(); }

  void PrepareMessages(size_t count, size_t size) override {
    sealing_ = Value(clients_[0]->message_protection());
    unsealing_ = Value(servers_[0]->message_protection());
    messages_.assign(count, Message{std::vector<uint8_t>(size, 0x33),
                                    std::vector<uint8_t>(sealing_->seal_signature_size())});
  }

  void Seal(size_t index) override {
    Require(sealing_->Seal(messages_[index].text, messages_[index].signature).ok(), "Seal");
  }

  void Unseal(size_t index) override {
    Require(unsealing_->Unseal(messages_[index].text, messages_[index].signature).ok(), "Unseal");
  }

 private:
  void Step(SecurityContext& context, size_t slot, StepState expected) {
    absl::StatusOr<StepResult> result = context.Step(token(slot));
    Require(result.ok(), "Step failed");
    Require(result->state == expected, "Step led to an unexpected state");
    token(slot) = std::move(result->token);
  }

  void MakeKeys(SecurityContext& context) const {
    if (shared_.keys == ProtectionKeys::kInEveryLogin) {
      Require(context.message_protection().ok(), "message_protection");
    }
  }

  const Shared& shared_;
  std::vector<std::unique_ptr<SecurityContext>> clients_;
  std::vector<std::unique_ptr<SecurityContext>> servers_;
  MessageProtection* sealing_ = nullptr;
  MessageProtection* unsealing_ = nullptr;
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
  Ours(std::string name, size_t accounts, ProtectionKeys keys) : name_(std::move(name)) {
    shared_.keys = keys;
    ntlm::AcceptorOptions acceptor;
    acceptor.authority = Value(ntlm::CreateMemoryAuthority(MakeAccounts(accounts)));
    acceptor.netbios_computer_name = kNetbiosComputer;
    acceptor.netbios_domain_name = kNetbiosDomain;
    shared_.server = Value(ntlm::CreateAcceptorCredentials(std::move(acceptor)));

    ntlm::InitiatorOptions initiator;
    initiator.user = kUser;
    initiator.domain = kDomain;
    initiator.nt_hash = std::make_shared<ntlm::NtHash>(kNtHash);
    initiator.workstation = kWorkstation;
    shared_.client = Value(ntlm::CreateInitiatorCredentials(std::move(initiator)));

    shared_.policy = std::make_shared<ExtendedProtectionPolicy>(StrictPolicy());
    shared_.bindings = std::make_shared<ChannelBindingsList>(
        1, Value(ChannelBindings::FromApplicationData(BindingApplicationData())));
  }

  std::string_view name() const override { return name_; }

  std::unique_ptr<Worker> CreateWorker(size_t slots) const override {
    return std::make_unique<OurWorker>(shared_, slots);
  }

 private:
  std::string name_;
  Shared shared_;
};

}  // namespace

std::vector<ntlm::Account> MakeAccounts(size_t count) {
  std::vector<ntlm::Account> accounts;
  for (size_t i = 0; i < count; ++i) {
    ntlm::Account account;
    account.user = i == 0 ? std::string(kUser) : std::to_string(i).append("user");
    account.domain = kDomain;
    account.nt_hash = ntlm::NtHash(kNtHash);
    accounts.push_back(std::move(account));
  }
  return accounts;
}

std::unique_ptr<Contender> CreateOurs(std::string name, size_t accounts, ProtectionKeys keys) {
  return std::make_unique<Ours>(std::move(name), accounts, keys);
}

}  // namespace epa::bench
