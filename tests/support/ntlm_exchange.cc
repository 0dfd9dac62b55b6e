#include "tests/support/ntlm_exchange.h"

#include <cstdlib>
#include <iostream>
#include <utility>

namespace epa::test {
namespace {

template <typename T>
T ValueOrDie(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << "test set-up: " << result.status() << "\n";
    std::abort();
  }
  return *std::move(result);
}

ntlm::Account TestAccount(const std::string& user) {
  return {user, "EXAMPLE", ValueOrDie(ntlm::NtHashFromPassword("secret-" + user)), false};
}

void Alter(const std::function<void(std::vector<uint8_t>&)>& attacker,
           std::vector<uint8_t>& message) {
  if (attacker) {
    attacker(message);
  }
}

}  // namespace

ChannelBindings Bindings(uint8_t seed) {
  const std::string_view prefix = "tls-server-end-point:";
  std::vector<uint8_t> data(prefix.begin(), prefix.end());
  data.insert(data.end(), 32, seed);
  return ValueOrDie(ChannelBindings::FromApplicationData(data));
}

std::shared_ptr<const ntlm::NtlmAuthority> TestAuthority() {
  return ValueOrDie(ntlm::CreateMemoryAuthority(
      {TestAccount("alice"), TestAccount("bob"), TestAccount("carol")}));
}

Exchange RunExchange(ExchangeSetup setup) {
  Exchange exchange;
  exchange.audit = std::make_shared<RecordingAuditSink>();
  if (setup.acceptor.authority == nullptr) {
    setup.acceptor.authority = TestAuthority();
  }
  if (setup.initiator.user.empty() && !setup.initiator.anonymous) {
    setup.initiator.user = "alice";
    setup.initiator.domain = "EXAMPLE";
    setup.initiator.password = SecretBytes::FromText("secret-alice");
  }
  AcceptOptions accept;
  accept.credentials = ValueOrDie(ntlm::CreateAcceptorCredentials(std::move(setup.acceptor)));
  accept.policy = std::make_shared<ExtendedProtectionPolicy>(
      ValueOrDie(ExtendedProtectionPolicy::Create(std::move(setup.policy))));
  accept.channel = setup.server_channel;
  accept.audit = exchange.audit;
  exchange.server = ValueOrDie(SecurityContext::Accept(std::move(accept)));
  InitiateOptions initiate;
  initiate.credentials = ValueOrDie(ntlm::CreateInitiatorCredentials(std::move(setup.initiator)));
  initiate.channel = setup.client_channel;
  initiate.parameters = std::move(setup.parameters);
  exchange.client = ValueOrDie(SecurityContext::Initiate(std::move(initiate)));

  exchange.client_result = ValueOrDie(exchange.client->Step({}));
  exchange.negotiate = exchange.client_result.token;
  Alter(setup.on_negotiate, exchange.negotiate);
  exchange.server_result = ValueOrDie(StepBlocking(*exchange.server, exchange.negotiate));
  if (exchange.server_result.state != StepState::kContinue) {
    return exchange;
  }
  exchange.challenge = exchange.server_result.token;
  Alter(setup.on_challenge, exchange.challenge);
  exchange.client_result = ValueOrDie(exchange.client->Step(exchange.challenge));
  if (exchange.client_result.state != StepState::kEstablished) {
    return exchange;
  }
  exchange.authenticate = exchange.client_result.token;
  Alter(setup.on_authenticate, exchange.authenticate);
  exchange.server_result = ValueOrDie(StepBlocking(*exchange.server, exchange.authenticate));
  return exchange;
}

}  // namespace epa::test
