#include "epa/sasl/client_exchange.h"

#include <gtest/gtest.h>

#include "tests/sasl/sasl_test_support.h"

namespace epa::sasl {
namespace {

// A client of Kerberos: one token, with which it is done or which the server answers "welcome".
test::FakeScript KerberosScript(bool mutual) {
  return [mutual](std::string_view token, int step,
                  test::FakeLogin&) -> absl::StatusOr<MechanismResult> {
    if (step == 0) {
      return mutual ? MechanismResult::Continue(FakeToken("mutual alice"))
                    : MechanismResult::Verified(FakeToken("login alice"));
    }
    return token == "welcome" ? MechanismResult::Verified()
                              : MechanismResult::Rejected(Reason::kMutualAuthenticationFailed);
  };
}

ClientOptions Options(MechanismType mechanism, std::string_view package,
                      FakePackageOptions fake = {}) {
  ClientOptions options;
  options.mechanism = mechanism;
  options.credentials = FakeOf(package, std::move(fake));
  options.channel = Channel::Plain();
  return options;
}

ClientOptions GssapiOptions(bool mutual = true) {
  FakePackageOptions fake;
  fake.protects_messages = true;
  fake.initiator = KerberosScript(mutual);
  return Options(MechanismType::kGssapi, "Kerberos", std::move(fake));
}
ClientOptions NtlmOptions(AgreedProtection agreed = {}) {
  FakePackageOptions fake;
  fake.protects_messages = true;
  fake.agreed = agreed;
  return Options(MechanismType::kNtlm, "NTLM", std::move(fake));
}

class TestClient {
 public:
  explicit TestClient(ClientOptions options)
      : exchange(ClientExchange::Create(std::move(options)).value()) {}

  std::string Begin() { return Told(exchange->Begin()); }
  std::string Hear(std::string_view challenge) { return Told(exchange->Step(OctetsOf(challenge))); }
  std::string Conclude(std::optional<std::string_view> data = std::nullopt) {
    const std::vector<uint8_t> octets = OctetsOf(data.value_or(""));
    return Told(exchange->Conclude(
        data.has_value() ? std::optional<std::span<const uint8_t>>(octets) : std::nullopt));
  }
  std::string Told(const absl::StatusOr<ClientStep>& step) const {
    if (!step.ok()) {
      return "fault";
    }
    if (step->state == ClientStep::State::kRefused) {
      return "refused " + std::string(ReasonName(exchange->reason()));
    }
    return exchange->complete() ? "complete"
                                : (step->data.has_value() ? FakeTokenText(*step->data) : "-");
  }

  std::unique_ptr<ClientExchange> exchange;
};

TEST(SaslClientExchange, RefusesOptionsThatCannotWork) {
  const auto create = [](auto change) {
    ClientOptions options = GssapiOptions();
    change(options);
    return ClientExchange::Create(std::move(options)).status().code();
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(create([](ClientOptions&) {}), absl::StatusCode::kOk);
  EXPECT_EQ(create([](ClientOptions& o) { o.credentials = nullptr; }), kInvalid);
  EXPECT_EQ(create([](ClientOptions& o) { o.credentials = FakeOf("NTLM"); }), kInvalid);
  EXPECT_EQ(create([](ClientOptions& o) { o.channel.reset(); }), kInvalid);
  EXPECT_EQ(create([](ClientOptions& o) { o.authorization_identity = std::string(1025, 'a'); }),
            kInvalid);
  EXPECT_EQ(create([](ClientOptions& o) { o.authorization_identity = std::string("a\0b", 3); }),
            kInvalid);
  EXPECT_EQ(create([](ClientOptions& o) {
              o.layer = Layer::kIntegrity;
              o.max_message = 4095;
            }),
            kInvalid);
  ClientOptions ntlm = NtlmOptions();
  ntlm.authorization_identity = "bob";
  EXPECT_EQ(ClientExchange::Create(std::move(ntlm)).status().code(), kInvalid);
}

ClientOptions PendingOptions() {
  FakePackageOptions fake;
  fake.initiator = [](std::string_view, int, test::FakeLogin&) -> absl::StatusOr<MechanismResult> {
    return test::FakePending([](test::FakeLogin&) -> absl::StatusOr<MechanismResult> {
      return MechanismResult::Verified(FakeToken("login alice"));
    });
  };
  return Options(MechanismType::kNtlm, "NTLM", std::move(fake));
}

TEST(SaslClientExchange, OnlyPendingWorkIsResumed) {
  TestClient client(PendingOptions());
  auto step = client.exchange->Begin();
  ASSERT_TRUE(step.ok());
  ASSERT_NE(step->pending_work, nullptr);
  EXPECT_EQ(client.Told(client.exchange->Resume(nullptr)), "fault");
  TestClient other(NtlmOptions());
  EXPECT_EQ(other.Begin(), "hello");
  step->pending_work->Run();
  EXPECT_EQ(client.Told(client.exchange->Resume(std::move(step->pending_work))), "login alice");
  auto foreign = TestClient(PendingOptions()).exchange->Begin();
  ASSERT_TRUE(foreign.ok());
  EXPECT_EQ(other.Told(other.exchange->Resume(std::move(foreign->pending_work))), "fault");
}

TEST(SaslClientExchange, NtlmIsTheTokensAlone) {
  TestClient client(NtlmOptions());
  EXPECT_EQ(client.Begin(), "hello");
  EXPECT_EQ(client.Hear("challenge"), "login alice");
  EXPECT_EQ(client.Conclude(), "complete");
  EXPECT_EQ(client.exchange->layer(), nullptr);
}

TEST(SaslClientExchange, SuccessBeforeTheEndIsRefused) {
  TestClient client(NtlmOptions());
  client.Begin();
  EXPECT_EQ(client.Conclude(), "refused unexpected_message");
  TestClient other(NtlmOptions());
  other.Begin();
  EXPECT_EQ(other.Conclude("challenge"), "refused unexpected_message")
      << "a challenge is no last token";
  TestClient data(NtlmOptions());
  data.Begin();
  data.Hear("challenge");
  EXPECT_EQ(data.Conclude("more"), "refused unexpected_message");
}

TEST(SaslClientExchange, AChallengeAfterTheLastIsRefused) {
  TestClient client(NtlmOptions());
  client.Begin();
  client.Hear("challenge");
  EXPECT_EQ(client.Hear("challenge"), "refused unexpected_message");
  EXPECT_EQ(client.Conclude(), "fault");
}

TEST(SaslClientExchange, TheLayerIsWhatWasAskedFor) {
  constexpr AgreedProtection kSigning = {.signing = true};
  constexpr AgreedProtection kSealing = {.signing = true, .sealing = true};
  struct Row {
    Layer layer;
    AgreedProtection agreed;
    std::string_view answer;
  };
  const Row rows[] = {
      {Layer::kNone, {}, "login alice"},
      {Layer::kNone, kSigning, "refused security_layer_forbidden"},
      {Layer::kIntegrity, kSigning, "login alice"},
      {Layer::kIntegrity, {}, "refused server_flags_unacceptable"},
      {Layer::kIntegrity, kSealing, "refused server_flags_unacceptable"},
      {Layer::kConfidentiality, kSealing, "login alice"},
      {Layer::kConfidentiality, kSigning, "refused server_flags_unacceptable"},
  };
  for (const Row& row : rows) {
    ClientOptions options = NtlmOptions(row.agreed);
    options.layer = row.layer;
    TestClient client(std::move(options));
    client.Begin();
    EXPECT_EQ(client.Hear("challenge"), row.answer);
    EXPECT_EQ(client.exchange->layer(), nullptr) << "not before the server's word";
    if (row.answer == "login alice") {
      EXPECT_EQ(client.Conclude(), "complete");
      EXPECT_EQ(client.exchange->layer() != nullptr, row.layer != Layer::kNone);
    }
  }
}

TEST(SaslClientExchange, AsksTheContextForWhatTheLayerNeeds) {
  struct Row {
    MechanismType mechanism;
    std::string_view package;
    Layer layer;
    bool signing;
    bool sealing;
  };
  const Row rows[] = {
      {MechanismType::kGssapi, "Kerberos", Layer::kNone, true, false},
      {MechanismType::kGssapi, "Kerberos", Layer::kConfidentiality, true, true},
      {MechanismType::kGssSpnego, "Negotiate", Layer::kNone, false, false},
      {MechanismType::kGssSpnego, "Negotiate", Layer::kIntegrity, true, false},
      {MechanismType::kNtlm, "NTLM", Layer::kConfidentiality, true, true},
  };
  for (const Row& row : rows) {
    FakePackageOptions fake;
    fake.parameters = std::make_shared<InitiatorParameters>();
    const auto parameters = fake.parameters;
    ClientOptions options = Options(row.mechanism, row.package, std::move(fake));
    options.layer = row.layer;
    TestClient client(std::move(options));
    client.Begin();
    EXPECT_EQ(parameters->want_signing, row.signing);
    EXPECT_EQ(parameters->want_sealing, row.sealing);
    EXPECT_EQ(parameters->require_signing, row.layer != Layer::kNone);
    EXPECT_EQ(parameters->require_sealing, row.sealing);
    EXPECT_EQ(parameters->forbid_protection, !row.signing);
  }
}

TEST(SaslClientExchange, GssapiWithMutualAuthentication) {
  TestClient client(GssapiOptions());
  EXPECT_EQ(client.Begin(), "mutual alice");
  EXPECT_EQ(client.Hear("welcome"), "") << "responds with no data (RFC 4752 3.1)";
  EXPECT_EQ(client.Hear(Offer(7, 65536)), Choice(1, 0));
  EXPECT_EQ(client.Conclude(), "complete");
}

TEST(SaslClientExchange, GssapiWithoutMutualAuthentication) {
  ClientOptions options = GssapiOptions(/*mutual=*/false);
  options.layer = Layer::kConfidentiality;
  options.authorization_identity = "u:bob";
  TestClient client(std::move(options));
  EXPECT_EQ(client.Begin(), "login alice");
  EXPECT_EQ(client.Hear(Offer(7, 65536)), Choice(4, 0xFFFFFF, "u:bob"));
  EXPECT_EQ(client.Conclude(), "complete");
  ASSERT_NE(client.exchange->layer(), nullptr);
}

// Dovecot names a size although it offers no layer; that hurts nobody.
TEST(SaslClientExchange, TakesASizeWithoutALayer) {
  TestClient client(GssapiOptions(false));
  client.Begin();
  EXPECT_EQ(client.Hear(Offer(1, 0xFFFFFF)), Choice(1, 0));
}

TEST(SaslClientExchange, RefusesOffersThatWillNotDo) {
  struct Row {
    Layer layer;
    std::string offer;
    std::string_view answer;
  };
  const Row rows[] = {
      {Layer::kNone, Offer(6, 65536), "refused server_flags_unacceptable"},
      {Layer::kNone, Offer(0, 0), "refused server_flags_unacceptable"},
      {Layer::kIntegrity, Offer(1, 0), "refused server_flags_unacceptable"},
      {Layer::kConfidentiality, Offer(3, 65536), "refused server_flags_unacceptable"},
      {Layer::kIntegrity, Offer(7, 4095), "refused server_flags_unacceptable"},
      {Layer::kNone, "signed 0 abc", "refused malformed_token"},
      {Layer::kNone, "signed 0 abcde", "refused malformed_token"},
      {Layer::kNone, "sealed 0 abcd", "refused malformed_token"},
      {Layer::kNone, "", "refused malformed_token"},
  };
  for (const Row& row : rows) {
    ClientOptions options = GssapiOptions(false);
    options.layer = row.layer;
    TestClient client(std::move(options));
    client.Begin();
    EXPECT_EQ(client.Hear(row.offer), row.answer);
  }
}

TEST(SaslClientExchange, GssapiEndsWithTheChoice) {
  TestClient client(GssapiOptions());
  client.Begin();
  EXPECT_EQ(client.Conclude("welcome"), "refused unexpected_message");
  TestClient other(GssapiOptions());
  other.Begin();
  other.Hear("welcome");
  EXPECT_EQ(other.Conclude(), "refused unexpected_message");
}

}  // namespace
}  // namespace epa::sasl
