// Both ends of an NTLM exchange against each other, through the security context.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "epa/core/security_context.h"
#include "epa/ntlm/ntlm.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::ntlm {
namespace {

using test::Bindings;
using test::Exchange;
using test::ExchangeSetup;
using test::RunExchange;

TEST(NtlmExchange, MatchingBindingIsAcceptedInRequireMode) {
  const Exchange exchange = RunExchange({});
  ASSERT_EQ(exchange.server_result.state, StepState::kEstablished)
      << ReasonName(exchange.server->reason()) << " " << exchange.server->reason_detail();
  EXPECT_EQ(exchange.server->reason(), Reason::kBindingMatched);
  const auto peer = exchange.server->peer();
  ASSERT_OK(peer);
  EXPECT_EQ(peer->account()->user, "alice");
  EXPECT_EQ(peer->account()->domain, "EXAMPLE");
  EXPECT_EQ(peer->kind(), IdentityKind::kUser);
  const auto evidence = exchange.server->evidence();
  ASSERT_OK(evidence);
  EXPECT_EQ(evidence->binding, BindingEvidence::kMatched);
  EXPECT_EQ(evidence->mic, MicEvidence::kVerified);
  EXPECT_EQ(evidence->target_name, "HTTP/server.example.com");
}

TEST(NtlmExchange, BothEndsExportTheSameSessionKey) {
  for (const bool sealing : {false, true}) {
    ExchangeSetup setup;
    setup.parameters.want_sealing = sealing;
    const Exchange exchange = RunExchange(std::move(setup));
    const auto server_key = exchange.server->ExportSessionKey();
    const auto client_key = exchange.client->ExportSessionKey();
    ASSERT_OK(server_key);
    ASSERT_OK(client_key);
    EXPECT_TRUE(*server_key == *client_key) << sealing;
    EXPECT_EQ(server_key->size(), 16u);
  }
}

TEST(NtlmExchange, WrappedMessagesArriveInOrderInBothDirections) {
  ExchangeSetup setup;
  setup.parameters.want_sealing = true;
  Exchange exchange = RunExchange(std::move(setup));
  for (int i = 0; i < 3; ++i) {
    const std::vector<uint8_t> message(100 + i, static_cast<uint8_t>(i));
    auto wrapped = exchange.client->Wrap(message);
    ASSERT_OK(wrapped);
    auto unwrapped = exchange.server->Unwrap(*wrapped);
    ASSERT_OK(unwrapped);
    EXPECT_EQ(*unwrapped, message);
    wrapped = exchange.server->Wrap(message);
    ASSERT_OK(wrapped);
    unwrapped = exchange.client->Unwrap(*wrapped);
    ASSERT_OK(unwrapped);
    EXPECT_EQ(*unwrapped, message);
  }
}

TEST(NtlmExchange, AlteredWrappedMessageIsDataLossAndEndsTheStream) {
  ExchangeSetup setup;
  setup.parameters.want_sealing = true;
  Exchange exchange = RunExchange(std::move(setup));
  const std::vector<uint8_t> message(32, 7);
  auto wrapped = exchange.client->Wrap(message);
  ASSERT_OK(wrapped);
  wrapped->back() ^= 1;
  EXPECT_EQ(exchange.server->Unwrap(*wrapped).status().code(), absl::StatusCode::kDataLoss);
  wrapped = exchange.client->Wrap(message);
  ASSERT_OK(wrapped);
  EXPECT_EQ(exchange.server->Unwrap(*wrapped).status().code(), absl::StatusCode::kDataLoss);
}

// NTLM binds its last message, so a channel that is learnt with the challenge is in time.
TEST(NtlmExchange, AChannelLearntWithTheChallengeIsBound) {
  ExtendedProtectionOptions require;
  require.mode = ExtendedProtectionMode::kRequire;
  const test::TestServer server(require, {});
  for (const uint8_t channel : {uint8_t{1}, uint8_t{2}}) {
    const auto client = test::MakeClient({}, Channel::Plain(), {});
    const auto acceptor = server.Accept();
    const auto negotiate = test::StepOrDie(*client, {}).token;
    const auto challenge = test::StepOrDie(*acceptor, negotiate).token;
    ASSERT_OK(client->SetChannel(Channel::Tls(test::Bindings(channel))));
    const auto authenticate = test::StepOrDie(*client, challenge).token;
    EXPECT_EQ(client->evidence()->binding, BindingEvidence::kMatched);
    (void)test::StepOrDie(*acceptor, authenticate);
    EXPECT_EQ(acceptor->reason(),
              channel == 1 ? Reason::kBindingMatched : Reason::kBindingMismatch);
    // It is settled now, as it is for whoever had it from the beginning, and for an acceptor.
    EXPECT_FALSE(client->SetChannel(Channel::Plain()).ok());
    EXPECT_FALSE(acceptor->SetChannel(Channel::Plain()).ok());
  }
  const auto bound = test::MakeClient({}, Channel::Tls(test::Bindings(1)), {});
  EXPECT_FALSE(bound->SetChannel(Channel::Tls(test::Bindings(2))).ok());
}

TEST(NtlmExchange, WithoutSigningThereIsNoMessageProtection) {
  Exchange exchange = RunExchange({});
  EXPECT_EQ(exchange.server->message_protection().status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(NtlmExchange, ThreadsShareCredentialsAndGuards) {
  AcceptorOptions acceptor;
  acceptor.authority = test::TestAuthority();
  acceptor.reflection_guard = std::make_shared<ReflectionGuard>();
  InitiatorOptions initiator;
  initiator.user = "alice";
  initiator.domain = "EXAMPLE";
  initiator.password = SecretBytes::FromText("secret-alice");
  initiator.reflection_guard = std::make_shared<ReflectionGuard>();
  AcceptOptions accept;
  ASSERT_OK_AND_ASSIGN(accept.credentials, CreateAcceptorCredentials(std::move(acceptor)));
  ASSERT_OK_AND_ASSIGN(auto policy, ExtendedProtectionPolicy::Create({}));
  accept.policy = std::make_shared<const ExtendedProtectionPolicy>(std::move(policy));
  accept.channel = Channel::Tls(Bindings(1));
  accept.audit = NoAudit();
  InitiateOptions initiate;
  ASSERT_OK_AND_ASSIGN(initiate.credentials, CreateInitiatorCredentials(std::move(initiator)));
  initiate.channel = Channel::Tls(Bindings(1));
  initiate.parameters.target_name = "HTTP/server.example.com";
  std::atomic<int> established = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 25; ++round) {
          const auto client = SecurityContext::Initiate(initiate).value();
          const auto server = SecurityContext::Accept(accept).value();
          const auto negotiate = test::StepOrDie(*client, {});
          const auto challenge = test::StepOrDie(*server, negotiate.token);
          const auto authenticate = test::StepOrDie(*client, challenge.token);
          test::StepOrDie(*server, authenticate.token);
          established += server->established() ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(established, 100);
}

}  // namespace
}  // namespace epa::ntlm
