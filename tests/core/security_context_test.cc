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
    login.identity = test::FakeAccount("alice");
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
  Server server = MakeServer(BindingEvidence::kMatched, test::FakeAccount("bob"));
  const StepResult answer = server.Step("proof");
  EXPECT_EQ(answer.state, StepState::kRejected);
  EXPECT_TRUE(answer.token.empty());
  EXPECT_EQ(server.context->reason(), Reason::kConnectionOwnerDiffers);
}

AcceptOptions GoodOptions(ExtendedProtectionOptions policy = {}) {
  AcceptOptions options;
  options.credentials = test::MakeFakeCredentials();
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create(std::move(policy)).value());
  options.channel = Channel::Tls({SomeBindings()});
  options.audit = NoAudit();
  return options;
}

TEST(SecurityContextTest, NothingThatWeakensIsAssumed) {
  const auto refused = [](AcceptOptions options) {
    return absl::IsInvalidArgument(SecurityContext::Accept(std::move(options)).status());
  };
  EXPECT_FALSE(refused(GoodOptions()));
  AcceptOptions options = GoodOptions();
  options.channel.reset();
  EXPECT_TRUE(refused(std::move(options)));
  options = GoodOptions();
  options.audit = nullptr;
  EXPECT_TRUE(refused(std::move(options)));
  options = GoodOptions({.audit_only = true});
  EXPECT_TRUE(refused(std::move(options)));
  options = GoodOptions({.audit_only = true});
  options.audit = std::make_shared<RecordingSink>();
  EXPECT_FALSE(refused(std::move(options)));
  InitiateOptions initiate;
  initiate.credentials = test::MakeFakeCredentials();
  EXPECT_TRUE(absl::IsInvalidArgument(SecurityContext::Initiate(std::move(initiate)).status()));
}

TEST(SecurityContextTest, AForgottenChannelIsNotSilencedByLeavingTheNameOut) {
  for (const auto mode : {ExtendedProtectionMode::kAllow, ExtendedProtectionMode::kRequire}) {
    AcceptOptions options = GoodOptions({.mode = mode, .no_service_name_check = true});
    options.channel = Channel::Plain();
    EXPECT_TRUE(absl::IsInvalidArgument(SecurityContext::Accept(std::move(options)).status()));
    options = GoodOptions({.mode = mode, .no_service_name_check = true, .nothing_to_check = true});
    options.channel = Channel::Plain();
    EXPECT_TRUE(SecurityContext::Accept(std::move(options)).ok());
  }
}

TEST(SecurityContextTest, AClientKnowsItsServerByWhatProvesIt) {
  InitiateOptions options;
  test::FakePackageOptions package;
  package.login.evidence.binding = BindingEvidence::kMatched;
  package.login.evidence.target_name = "HTTP/www.example.com";
  package.login.claims = {.domain = "CORP", .workstation = "WEB"};
  options.credentials = test::MakeFakeCredentials(std::move(package));
  options.channel = Channel::Tls({SomeBindings()});
  const auto context = SecurityContext::Initiate(std::move(options)).value();
  EXPECT_FALSE(context->server().ok());
  ASSERT_TRUE(context->Step({}).ok());
  ASSERT_TRUE(context->Step(test::FakeToken("challenge")).ok());
  ASSERT_TRUE(context->established());
  EXPECT_FALSE(context->peer().ok());
  const ServerIdentity server = context->server().value();
  EXPECT_EQ(server.target_name, "HTTP/www.example.com");
  EXPECT_TRUE(server.bound_to_channel);
  EXPECT_FALSE(server.mutually_authenticated);
  EXPECT_EQ(server.claims.workstation, "WEB");
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
