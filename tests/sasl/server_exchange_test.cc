#include "epa/sasl/server_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sasl/sasl_test_support.h"
#include "tests/support/status_matchers.h"

namespace epa::sasl {
namespace {

using ::testing::ElementsAre;

ServerOptions WithAgreed(AgreedProtection agreed) {
  FakePackageOptions package;
  package.agreed = agreed;
  package.protects_messages = true;
  return FakeServerOptions(std::move(package));
}

// --- The configuration.

TEST(SaslServerConfig, RefusesWhatCannotServe) {
  const auto create = [](auto change) {
    ServerOptions options = FakeServerOptions();
    change(options);
    return ServerConfig::Create(std::move(options)).status().code();
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(create([](ServerOptions&) {}), absl::StatusCode::kOk);
  EXPECT_EQ(create([](ServerOptions& o) { o.policy = nullptr; }), kInvalid);
  EXPECT_EQ(create([](ServerOptions& o) { o.audit = nullptr; }), kInvalid);
  EXPECT_EQ(create([](ServerOptions& o) { o.kerberos = o.negotiate = o.ntlm = nullptr; }),
            kInvalid);
  EXPECT_EQ(create([](ServerOptions& o) { o.kerberos = o.negotiate; }), kInvalid);
  EXPECT_EQ(create([](ServerOptions& o) { o.negotiate = o.ntlm; }), kInvalid);
  EXPECT_EQ(create([](ServerOptions& o) { o.ntlm = o.kerberos; }), kInvalid);
  EXPECT_EQ(create([](ServerOptions& o) { o.max_message = 4095; }), kInvalid);
  EXPECT_EQ(create([](ServerOptions& o) { o.max_message = 0x1000000; }), kInvalid);
  const auto require = [](ServerOptions& o) { o.policy = PolicyOf({}); };
  EXPECT_EQ(create(require), kInvalid) << "mode 2 has nothing to look at in the clear";
  EXPECT_EQ(create([&](ServerOptions& o) {
              require(o);
              o.offer_in_clear = false;
            }),
            absl::StatusCode::kOk);
}

TEST(SaslServerConfig, OffersNothingInTheClearUnlessAskedTo) {
  ServerOptions options = FakeServerOptions();
  options.offer_in_clear = false;
  const auto config = ServerConfig::Create(std::move(options)).value();
  EXPECT_THAT(config->Offered(Channel::Plain()), ElementsAre());
  EXPECT_THAT(config->Offered(Channel::Tls(test::Bindings(1))),
              ElementsAre(MechanismType::kGssapi, MechanismType::kGssSpnego, MechanismType::kNtlm));
  EXPECT_FALSE(
      ServerExchange::Create(config, MechanismType::kNtlm, LayerRule::kNever, Channel::Plain(), "")
          .ok());
}

// --- NTLM and GSS-SPNEGO.

TEST(SaslServerExchange, NtlmIsTheTokensAlone) {
  TestExchange server(MechanismType::kNtlm);
  EXPECT_EQ(server.Say("hello"), "continue challenge");
  EXPECT_TRUE(server.sink->events.empty());
  EXPECT_EQ(server.exchange->context(), nullptr);
  EXPECT_EQ(server.Say("login alice"), "accepted -");
  ASSERT_NE(server.exchange->context(), nullptr);
  EXPECT_EQ(server.exchange->context()->peer().value().account()->user, "alice");
  EXPECT_EQ(server.exchange->layer(), nullptr);
  ASSERT_EQ(server.sink->events.size(), 1u);
  EXPECT_EQ(server.sink->events[0].outcome, AuditOutcome::kAccepted);
  EXPECT_EQ(server.Say("login alice"), "fault") << "it has ended";
}

TEST(SaslServerExchange, ALastTokenComesWithSuccess) {
  TestExchange server(MechanismType::kGssSpnego);
  EXPECT_EQ(server.Say("mutual alice"), "accepted welcome");
}

TEST(SaslServerExchange, PendingWorkIsHandedOut) {
  TestExchange server(MechanismType::kGssSpnego);
  const auto step =
      server.exchange->Step(std::optional<std::span<const uint8_t>>(OctetsOf("ask alice")));
  ASSERT_TRUE(step.ok());
  EXPECT_EQ(step->state, ServerStep::State::kPending);
  EXPECT_FALSE(server.exchange->Step(std::nullopt).ok());
  EXPECT_FALSE(server.exchange->Resume(nullptr).ok());
}

TEST(SaslServerExchange, RefusalsCarryNoToken) {
  TestExchange server(MechanismType::kGssSpnego);
  EXPECT_EQ(server.Say("wrong-token"), "refused mic_invalid");
  ASSERT_EQ(server.sink->events.size(), 1u);
  EXPECT_EQ(server.sink->events[0].outcome, AuditOutcome::kRefused);
}

TEST(SaslServerExchange, FaultsAreErrors) {
  TestExchange server(MechanismType::kNtlm);
  EXPECT_EQ(server.Say("fault"), "fault");
  EXPECT_EQ(server.exchange->reason(), Reason::kAuthorityUnavailable);
  ASSERT_EQ(server.sink->events.size(), 1u);
  EXPECT_EQ(server.sink->events[0].outcome, AuditOutcome::kFault);
}

TEST(SaslServerExchange, TheContextsFlagsAreTheLayer) {
  struct Row {
    AgreedProtection agreed;
    LayerRule rule;
    std::string_view answer;
    Layer layer;
  };
  constexpr AgreedProtection kNothing = {};
  constexpr AgreedProtection kSigning = {.signing = true};
  constexpr AgreedProtection kSealing = {.signing = true, .sealing = true};
  const Row rows[] = {
      {kNothing, LayerRule::kAllowed, "accepted -", Layer::kNone},
      {kSigning, LayerRule::kAllowed, "accepted -", Layer::kIntegrity},
      {kSealing, LayerRule::kAllowed, "accepted -", Layer::kConfidentiality},
      {kNothing, LayerRule::kRequired, "refused security_layer_required", Layer::kNone},
      {kSigning, LayerRule::kRequired, "accepted -", Layer::kIntegrity},
      {kSealing, LayerRule::kRequired, "accepted -", Layer::kConfidentiality},
      {kNothing, LayerRule::kRefused, "accepted -", Layer::kNone},
      {kSigning, LayerRule::kRefused, "refused security_layer_forbidden", Layer::kNone},
      {kSealing, LayerRule::kRefused, "refused security_layer_forbidden", Layer::kNone},
      {kSealing, LayerRule::kNever, "accepted -", Layer::kNone},
  };
  for (const Row& row : rows) {
    for (const MechanismType mechanism : {MechanismType::kGssSpnego, MechanismType::kNtlm}) {
      TestExchange server(mechanism, row.rule, WithAgreed(row.agreed));
      EXPECT_EQ(server.Say("login alice"), row.answer);
      const SecurityLayer* const layer = server.exchange->layer();
      EXPECT_EQ(layer != nullptr ? layer->layer() : Layer::kNone, row.layer);
      ASSERT_EQ(server.sink->events.size(), 1u);
      const bool accepted = row.answer.starts_with("accepted");
      EXPECT_EQ(server.sink->events[0].outcome,
                accepted ? AuditOutcome::kAccepted : AuditOutcome::kRefused);
      EXPECT_EQ(server.sink->events[0].user, "alice");
      EXPECT_EQ(server.exchange->context() != nullptr, accepted);
    }
  }
}

// --- GSSAPI (RFC 4752).

TEST(SaslServerExchange, GssapiWithMutualAuthentication) {
  TestExchange server(MechanismType::kGssapi);
  EXPECT_EQ(server.Say("mutual alice"), "continue welcome");
  EXPECT_EQ(server.Say(""), "continue " + Offer(7, 0xFFFFFF));
  EXPECT_TRUE(server.sink->events.empty()) << "nothing is decided yet";
  EXPECT_EQ(server.exchange->context(), nullptr);
  EXPECT_EQ(server.Say(Choice(4, 65536)), "accepted -");
  ASSERT_NE(server.exchange->layer(), nullptr);
  EXPECT_EQ(server.exchange->layer()->layer(), Layer::kConfidentiality);
  ASSERT_EQ(server.sink->events.size(), 1u);
  EXPECT_EQ(server.sink->events[0].outcome, AuditOutcome::kAccepted);
}

TEST(SaslServerExchange, GssapiWithoutMutualAuthenticationOffersAtOnce) {
  TestExchange server(MechanismType::kGssapi);
  EXPECT_EQ(server.Say("login alice"), "continue " + Offer(7, 0xFFFFFF));
  EXPECT_EQ(server.Say(Choice(1, 0)), "accepted -");
  EXPECT_EQ(server.exchange->layer(), nullptr);
}

TEST(SaslServerExchange, AbsentAndEmptyAreBothNoData) {
  TestExchange server(MechanismType::kGssapi);
  server.Say("mutual alice");
  EXPECT_EQ(server.Say(std::nullopt), "continue " + Offer(7, 0xFFFFFF));
}

TEST(SaslServerExchange, DataWhereNoneIsDueIsRefused) {
  TestExchange server(MechanismType::kGssapi);
  server.Say("mutual alice");
  EXPECT_EQ(server.Say("x"), "refused unexpected_message");
  ASSERT_EQ(server.sink->events.size(), 1u);
  EXPECT_EQ(server.sink->events[0].outcome, AuditOutcome::kRefused);
}

// Row by row what other servers take and this one does not.
TEST(SaslServerExchange, OneLayerThatWasOffered) {
  struct Row {
    LayerRule rule;
    std::string choice;
    std::string_view answer;
  };
  const Row rows[] = {
      {LayerRule::kAllowed, Choice(1, 0), "accepted -"},
      {LayerRule::kAllowed, Choice(1, 0xFFFFFF), "accepted -"},
      {LayerRule::kAllowed, Choice(2, 4096), "accepted -"},
      {LayerRule::kAllowed, Choice(2, 4095), "refused malformed_token"},
      {LayerRule::kAllowed, Choice(4, 0), "refused malformed_token"},
      {LayerRule::kAllowed, Choice(0, 0), "refused malformed_token"},
      {LayerRule::kAllowed, Choice(3, 65536), "refused malformed_token"},
      {LayerRule::kAllowed, Choice(6, 65536), "refused malformed_token"},
      {LayerRule::kAllowed, Choice(7, 65536), "refused malformed_token"},
      {LayerRule::kAllowed, Choice(8, 65536), "refused malformed_token"},
      {LayerRule::kAllowed, "signed 0 abc", "refused malformed_token"},
      {LayerRule::kAllowed, std::string("signed 1 \1\0\0\0", 13), "refused malformed_token"},
      {LayerRule::kAllowed, std::string("sealed 0 \1\0\0\0", 13), "refused malformed_token"},
      {LayerRule::kAllowed, "", "refused malformed_token"},
      {LayerRule::kRequired, Choice(1, 0), "refused security_layer_required"},
      {LayerRule::kRequired, Choice(2, 65536), "accepted -"},
      {LayerRule::kRefused, Choice(1, 0), "accepted -"},
      {LayerRule::kRefused, Choice(2, 65536), "refused security_layer_forbidden"},
      {LayerRule::kNever, Choice(4, 65536), "refused security_layer_forbidden"},
  };
  for (const Row& row : rows) {
    TestExchange server(MechanismType::kGssapi, row.rule);
    server.Say("login alice");
    EXPECT_EQ(server.Say(row.choice), row.answer) << test::ToHex(OctetsOf(row.choice));
    EXPECT_EQ(server.sink->events.size(), 1u);
  }
}

TEST(SaslServerExchange, OffersWhatTheRuleAllows) {
  struct Row {
    LayerRule rule;
    std::string offer;
  };
  for (const Row& row : {Row{LayerRule::kNever, Offer(1, 0)}, Row{LayerRule::kRefused, Offer(1, 0)},
                         Row{LayerRule::kAllowed, Offer(7, 0xFFFFFF)},
                         Row{LayerRule::kRequired, Offer(6, 0xFFFFFF)}}) {
    TestExchange server(MechanismType::kGssapi, row.rule);
    EXPECT_EQ(server.Say("login alice"), "continue " + row.offer);
  }
}

TEST(SaslServerExchange, KeysThatProtectNothingAreRefused) {
  ServerOptions options = FakeServerOptions();
  options.kerberos = FakeOf("Kerberos");
  TestExchange server(MechanismType::kGssapi, LayerRule::kAllowed, std::move(options));
  EXPECT_EQ(server.Say("login alice"), "refused encryption_type_refused");
}

// --- The authorization identity.

TEST(SaslServerExchange, ActsAsItself) {
  for (const std::string_view name :
       {"", "alice", "ALICE", "alice@LAB", "lab\\alice", "u:alice", "u:LAB\\alice"}) {
    TestExchange server(MechanismType::kGssapi);
    server.Say("login alice");
    EXPECT_EQ(server.Say(Choice(1, 0, std::string(name))), "accepted -") << name;
  }
}

TEST(SaslServerExchange, ActsAsOthersOnlyWhereTheApplicationSaysSo) {
  for (const std::string_view name : {"bob", "alice@OTHER", "OTHER\\alice", "dn:cn=alice", "u:"}) {
    TestExchange server(MechanismType::kGssapi);
    server.Say("login alice");
    EXPECT_EQ(server.Say(Choice(1, 0, std::string(name))), "refused authorization_refused") << name;
    EXPECT_EQ(server.sink->events[0].reason, Reason::kAuthorizationRefused);
  }
  ServerOptions options = FakeServerOptions();
  options.authorize = [](const PeerIdentity& client, std::string_view identity) {
    return client.account()->user == "alice" && identity == "bob";
  };
  TestExchange server(MechanismType::kGssapi, LayerRule::kAllowed, std::move(options));
  server.Say("login alice");
  EXPECT_EQ(server.Say(Choice(1, 0, "bob")), "accepted -");
  EXPECT_EQ(server.exchange->authorization_identity(), "bob");
}

// --- The audit.

TEST(SaslServerExchange, WhoLeavesHalfWayIsOneEvent) {
  for (const std::vector<std::string_view>& said :
       {std::vector<std::string_view>{"hello"}, std::vector<std::string_view>{"mutual alice"},
        std::vector<std::string_view>{"login alice"}}) {
    auto server = std::make_unique<TestExchange>(MechanismType::kGssapi);
    for (const std::string_view text : said) {
      server->Say(text);
    }
    const auto sink = server->sink;
    EXPECT_TRUE(sink->events.empty());
    server.reset();
    ASSERT_EQ(sink->events.size(), 1u);
    EXPECT_EQ(sink->events[0].outcome, AuditOutcome::kAbandoned);
    EXPECT_EQ(sink->events[0].reason, Reason::kAbandoned);
  }
}

TEST(SaslServerExchange, NobodyHearsWhereNobodyListens) {
  const auto config = ServerConfig::Create(FakeServerOptions()).value();
  const auto exchange =
      ServerExchange::Create(config, MechanismType::kNtlm, LayerRule::kNever, Channel::Plain(), "")
          .value();
  EXPECT_EQ(exchange->Step(std::optional<std::span<const uint8_t>>(OctetsOf("login alice")))
                .value()
                .state,
            ServerStep::State::kAccepted);
}

}  // namespace
}  // namespace epa::sasl
