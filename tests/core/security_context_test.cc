#include "epa/core/security_context.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_package.h"

namespace epa {
namespace {

class RecordingSink : public AuditSink {
 public:
  void OnEvent(const AuditEvent& event) override { events.push_back(event); }
  std::vector<AuditEvent> events;
};

// Proves on "proof" with a token that tells of it, and is verified once "confirmed" follows.
absl::StatusOr<MechanismResult> ProvingScript(std::string_view token, int, test::FakeLogin& login) {
  if (token == "proof") {
    login.identity.user = "alice";
    return MechanismResult::Proven(test::FakeToken("you are in"));
  }
  return token == "confirmed" ? MechanismResult::Verified(test::FakeToken("done"))
                              : MechanismResult::Rejected(Reason::kNegotiationAltered);
}

ChannelBindings SomeBindings() {
  return ChannelBindings::FromApplicationData(test::FakeToken("tls-unique:123456789012")).value();
}

struct Server {
  std::shared_ptr<RecordingSink> audit = std::make_shared<RecordingSink>();
  std::unique_ptr<SecurityContext> context;

  StepResult Step(std::string_view token) { return context->Step(test::FakeToken(token)).value(); }
};

Server MakeServer(BindingEvidence binding, std::optional<PeerIdentity> owner = std::nullopt) {
  test::FakePackageOptions package;
  package.acceptor = ProvingScript;
  package.login.evidence.binding = binding;
  ExtendedProtectionOptions policy;
  policy.mode = ExtendedProtectionMode::kRequire;
  policy.no_service_name_check = true;
  Server server;
  AcceptOptions options;
  options.credentials = test::MakeFakeCredentials(std::move(package));
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create(std::move(policy)).value());
  options.channel = Channel::Tls({SomeBindings()});
  options.audit = server.audit;
  options.owner = std::move(owner);
  server.context = SecurityContext::Accept(std::move(options)).value();
  return server;
}

TEST(SecurityContextTest, PolicyIsAskedBeforeATokenThatTellsOfTheProofLeaves) {
  for (const auto binding : {BindingEvidence::kNotChecked, BindingEvidence::kAbsent,
                             BindingEvidence::kExplicitNone, BindingEvidence::kMismatched}) {
    Server server = MakeServer(binding);
    const StepResult answer = server.Step("proof");
    EXPECT_EQ(answer.state, StepState::kRejected);
    EXPECT_TRUE(answer.token.empty());
    EXPECT_TRUE(absl::IsFailedPrecondition(server.context->Step({}).status()));
    ASSERT_EQ(server.audit->events.size(), 1u);
    EXPECT_EQ(server.audit->events[0].outcome, AuditOutcome::kRefused);
    EXPECT_EQ(server.audit->events[0].user, "alice");
  }
}

TEST(SecurityContextTest, OwnerIsComparedBeforeATokenThatTellsOfTheProofLeaves) {
  PeerIdentity bob;
  bob.user = "bob";
  Server server = MakeServer(BindingEvidence::kMatched, bob);
  const StepResult answer = server.Step("proof");
  EXPECT_EQ(answer.state, StepState::kRejected);
  EXPECT_TRUE(answer.token.empty());
  EXPECT_EQ(server.context->reason(), Reason::kConnectionOwnerDiffers);
}

TEST(SecurityContextTest, ProofAloneIsNoLogin) {
  Server server = MakeServer(BindingEvidence::kMatched);
  const StepResult answer = server.Step("proof");
  EXPECT_EQ(answer.state, StepState::kContinue);
  EXPECT_EQ(answer.token, test::FakeToken("you are in"));
  EXPECT_FALSE(server.context->established());
  EXPECT_FALSE(server.context->peer().ok());
  EXPECT_TRUE(server.audit->events.empty());
  const StepResult end = server.Step("confirmed");
  EXPECT_EQ(end.state, StepState::kEstablished);
  EXPECT_EQ(end.token, test::FakeToken("done"));
  ASSERT_EQ(server.audit->events.size(), 1u);
  EXPECT_EQ(server.audit->events[0].outcome, AuditOutcome::kAccepted);
}

TEST(SecurityContextTest, ProofWhoseConfirmationFailsIsARefusal) {
  Server server = MakeServer(BindingEvidence::kMatched);
  (void)server.Step("proof");
  EXPECT_EQ(server.Step("something else").state, StepState::kRejected);
  ASSERT_EQ(server.audit->events.size(), 1u);
  EXPECT_EQ(server.audit->events[0].outcome, AuditOutcome::kRefused);
  EXPECT_EQ(server.audit->events[0].reason, Reason::kNegotiationAltered);
}

TEST(SecurityContextTest, ProofThatIsNeverConfirmedIsAbandoned) {
  Server server = MakeServer(BindingEvidence::kMatched);
  (void)server.Step("proof");
  server.context.reset();
  ASSERT_EQ(server.audit->events.size(), 1u);
  EXPECT_EQ(server.audit->events[0].outcome, AuditOutcome::kAbandoned);
}

}  // namespace
}  // namespace epa
