#include "tests/support/ntlm_exchange.h"

#include <gtest/gtest.h>

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

TestServer::TestServer(ExtendedProtectionOptions policy, ntlm::AcceptorOptions acceptor,
                       Channel channel)
    : channel_(std::move(channel)) {
  if (acceptor.authority == nullptr) {
    acceptor.authority = TestAuthority();
  }
  credentials_ = ValueOrDie(ntlm::CreateAcceptorCredentials(std::move(acceptor)));
  policy_ = std::make_shared<ExtendedProtectionPolicy>(
      ValueOrDie(ExtendedProtectionPolicy::Create(std::move(policy))));
}

std::unique_ptr<SecurityContext> TestServer::Accept() const {
  AcceptOptions options;
  options.credentials = credentials_;
  options.policy = policy_;
  options.channel = channel_;
  options.audit = audit;
  return ValueOrDie(SecurityContext::Accept(std::move(options)));
}

std::unique_ptr<SecurityContext> MakeClient(ntlm::InitiatorOptions options, Channel channel,
                                            InitiatorParameters parameters) {
  if (options.user.empty() && !options.anonymous) {
    options.user = "alice";
    options.domain = "EXAMPLE";
    options.password = SecretBytes::FromText("secret-alice");
  }
  InitiateOptions initiate;
  initiate.credentials = ValueOrDie(ntlm::CreateInitiatorCredentials(std::move(options)));
  initiate.channel = std::move(channel);
  initiate.parameters = std::move(parameters);
  return ValueOrDie(SecurityContext::Initiate(std::move(initiate)));
}

StepResult StepOrDie(SecurityContext& context, std::span<const uint8_t> token) {
  return ValueOrDie(StepBlocking(context, token));
}

Exchange RunExchange(ExchangeSetup setup) {
  const TestServer server(std::move(setup.policy), std::move(setup.acceptor),
                          std::move(setup.server_channel));
  Exchange exchange;
  exchange.audit = server.audit;
  exchange.server = server.Accept();
  exchange.client = MakeClient(std::move(setup.initiator), std::move(setup.client_channel),
                               std::move(setup.parameters));
  exchange.client_result = StepOrDie(*exchange.client, {});
  exchange.negotiate = exchange.client_result.token;
  Alter(setup.on_negotiate, exchange.negotiate);
  exchange.server_result = StepOrDie(*exchange.server, exchange.negotiate);
  if (exchange.server_result.state != StepState::kContinue) {
    return exchange;
  }
  exchange.challenge = exchange.server_result.token;
  Alter(setup.on_challenge, exchange.challenge);
  exchange.client_result = StepOrDie(*exchange.client, exchange.challenge);
  if (exchange.client_result.state != StepState::kEstablished) {
    return exchange;
  }
  exchange.authenticate = exchange.client_result.token;
  Alter(setup.on_authenticate, exchange.authenticate);
  exchange.server_result = StepOrDie(*exchange.server, exchange.authenticate);
  return exchange;
}

void ExpectRefused(const Exchange& exchange, Reason reason) {
  EXPECT_EQ(exchange.server_result.state, StepState::kRejected);
  EXPECT_EQ(exchange.server_result.status, StatusOf(reason));
  EXPECT_TRUE(exchange.server_result.token.empty());
  EXPECT_FALSE(exchange.server->established());
  EXPECT_EQ(ReasonName(exchange.server->reason()), ReasonName(reason))
      << exchange.server->reason_detail();
  ASSERT_EQ(exchange.audit->events.size(), 1u);
  EXPECT_EQ(exchange.audit->events.front().outcome, AuditOutcome::kRefused);
  EXPECT_EQ(exchange.audit->events.front().reason, reason);
}

void ExpectEstablished(const Exchange& exchange) {
  EXPECT_TRUE(exchange.server->established())
      << ReasonName(exchange.server->reason()) << " " << exchange.server->reason_detail();
  ASSERT_EQ(exchange.audit->events.size(), 1u);
  EXPECT_EQ(exchange.audit->events.front().outcome, AuditOutcome::kAccepted);
}

}  // namespace epa::test
