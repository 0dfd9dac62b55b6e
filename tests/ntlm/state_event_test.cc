// Every message in every state of both roles, and the ways in which pending work comes back.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/ntlm/ntlm.h"
#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::ntlm {
namespace {

using test::ForgedClient;
using test::MakeClient;
using test::StatusIs;
using test::TestServer;

enum class Event { kNegotiate, kChallenge, kAuthenticate, kGarbage, kEmpty };
constexpr std::array<Event, 5> kEvents = {Event::kNegotiate, Event::kChallenge,
                                          Event::kAuthenticate, Event::kGarbage, Event::kEmpty};

// An authority that takes its time: it is asked as pending work.
class SlowAuthority : public NtlmAuthority {
 public:
  absl::StatusOr<LogonVerdict> Verify(const LogonRequest& request) const override {
    return accounts_->Verify(request);
  }
  bool blocks() const override { return true; }

 private:
  std::shared_ptr<const NtlmAuthority> accounts_ = test::TestAuthority();
};

class BrokenAuthority : public NtlmAuthority {
 public:
  BrokenAuthority(absl::Status status, bool blocks) : status_(std::move(status)), blocks_(blocks) {}
  absl::StatusOr<LogonVerdict> Verify(const LogonRequest&) const override { return status_; }
  bool blocks() const override { return blocks_; }

 private:
  absl::Status status_;
  bool blocks_;
};

class ForeignWork : public PendingWork {
 public:
  void Run() override {}
};

AcceptorOptions With(std::shared_ptr<const NtlmAuthority> authority) {
  AcceptorOptions options;
  options.authority = std::move(authority);
  return options;
}

std::unique_ptr<SecurityContext> NewClient() {
  return MakeClient({}, Channel::Tls(test::Bindings(1)), {.target_name = "HTTP/a.example.com"});
}

absl::StatusOr<StepResult> Deliver(SecurityContext& context, const std::vector<uint8_t>& token) {
  return context.Step(token);
}

// One side, and the messages that fit its exchange.
class States : public testing::Test {
 protected:
  std::vector<uint8_t> TokenOf(Event event) const {
    switch (event) {
      case Event::kNegotiate:
        return negotiate_;
      case Event::kChallenge:
        return challenge_;
      case Event::kAuthenticate:
        return authenticate_;
      case Event::kGarbage:
        return std::vector<uint8_t>(64, 0x41);
      case Event::kEmpty:
        break;
    }
    return {};
  }
  void ExpectRejection(Event event, Reason reason) {
    const auto result = Deliver(*context_, TokenOf(event));
    ASSERT_OK(result);
    EXPECT_EQ(result->state, StepState::kRejected);
    EXPECT_TRUE(result->token.empty());
    EXPECT_EQ(ReasonName(context_->reason()), ReasonName(reason));
  }
  void ExpectNoFurtherStep() {
    for (const Event event : kEvents) {
      EXPECT_THAT(Deliver(*context_, TokenOf(event)),
                  StatusIs(absl::StatusCode::kFailedPrecondition));
    }
  }

  std::unique_ptr<SecurityContext> context_;
  std::vector<uint8_t> negotiate_;
  std::vector<uint8_t> challenge_;
  std::vector<uint8_t> authenticate_;
};

// An acceptor that got as far as the test wants.
class AcceptorStates : public States {
 protected:
  AcceptorStates() { negotiate_ = client_.Negotiate(); }

  void AnswerWith(std::shared_ptr<const NtlmAuthority> authority) {
    server_ = std::make_unique<TestServer>(ExtendedProtectionOptions(), With(std::move(authority)));
    context_ = server_->Accept();
  }
  void GetChallenge() {
    const auto result = context_->Step(negotiate_);
    ASSERT_OK(result);
    ASSERT_EQ(result->state, StepState::kContinue);
    challenge_ = result->token;
    authenticate_ = client_.Authenticate(negotiate_, challenge_);
  }
  std::unique_ptr<PendingWork> GetWork() {
    auto result = context_->Step(authenticate_);
    EXPECT_EQ(result->state, StepState::kPending);
    return std::move(result->pending_work);
  }
  // A complete exchange of another connection, for messages ahead of their time.
  void BorrowMessages() {
    const auto other = TestServer({}, {}).Accept();
    challenge_ = test::StepOrDie(*other, negotiate_).token;
    authenticate_ = client_.Authenticate(negotiate_, challenge_);
  }
  void ExpectRejected(Event event, Reason reason) {
    ExpectRejection(event, reason);
    ExpectOneEvent(AuditOutcome::kRefused, reason);
  }
  void ExpectFault(const absl::StatusOr<StepResult>& result, absl::StatusCode code, Reason reason) {
    EXPECT_THAT(result, StatusIs(code));
    EXPECT_FALSE(context_->established());
    EXPECT_EQ(context_->reason(), reason);
    ExpectOneEvent(AuditOutcome::kFault, reason);
    ExpectEnded();
  }
  void ExpectEnded() {
    ExpectNoFurtherStep();
    EXPECT_THAT(context_->Resume(std::make_unique<ForeignWork>()),
                StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_EQ(server_->audit->events.size(), 1u);
  }
  void ExpectOneEvent(AuditOutcome outcome, Reason reason) {
    ASSERT_EQ(server_->audit->events.size(), 1u);
    const AuditEvent& event = server_->audit->events.front();
    EXPECT_EQ(AuditOutcomeName(event.outcome), AuditOutcomeName(outcome));
    EXPECT_EQ(ReasonName(event.reason), ReasonName(reason));
    EXPECT_EQ(event.identity_verified, outcome == AuditOutcome::kAccepted);
  }

  const ForgedClient client_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(AcceptorStates, FreshTakesANegotiateAndNothingElse) {
  const std::array<std::pair<Event, Reason>, 4> refused = {{
      {Event::kChallenge, Reason::kUnexpectedMessage},
      {Event::kAuthenticate, Reason::kUnexpectedMessage},
      {Event::kGarbage, Reason::kMalformedToken},
      {Event::kEmpty, Reason::kMalformedToken},
  }};
  BorrowMessages();
  for (const auto& [event, reason] : refused) {
    AnswerWith(nullptr);
    ExpectRejected(event, reason);
    ExpectEnded();
  }
  AnswerWith(nullptr);
  EXPECT_EQ(Deliver(*context_, negotiate_)->state, StepState::kContinue);
  EXPECT_TRUE(server_->audit->events.empty());
}

TEST_F(AcceptorStates, AfterTheChallengeOnlyAnAuthenticateFits) {
  const std::array<std::pair<Event, Reason>, 4> refused = {{
      {Event::kNegotiate, Reason::kUnexpectedMessage},
      {Event::kChallenge, Reason::kUnexpectedMessage},
      {Event::kGarbage, Reason::kMalformedToken},
      {Event::kEmpty, Reason::kMalformedToken},
  }};
  for (const auto& [event, reason] : refused) {
    AnswerWith(nullptr);
    GetChallenge();
    ExpectRejected(event, reason);
    ExpectEnded();
  }
  AnswerWith(nullptr);
  GetChallenge();
  EXPECT_EQ(Deliver(*context_, authenticate_)->state, StepState::kEstablished);
  ExpectOneEvent(AuditOutcome::kAccepted, Reason::kBindingMatched);
  ExpectEnded();
  EXPECT_TRUE(context_->established());
}

TEST_F(AcceptorStates, NothingIsToldBeforeTheEnd) {
  AnswerWith(nullptr);
  const auto expect_nothing = [this] {
    EXPECT_THAT(context_->peer(), StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(context_->evidence(), StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(context_->extended_protection(), StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(context_->ExportSessionKey(), StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(context_->message_protection(), StatusIs(absl::StatusCode::kFailedPrecondition));
  };
  expect_nothing();
  GetChallenge();
  expect_nothing();
  authenticate_.back() ^= 1;
  EXPECT_EQ(Deliver(*context_, authenticate_)->state, StepState::kRejected);
  expect_nothing();
}

TEST_F(AcceptorStates, WhilePendingNoMessageIsTakenAndTheWorkStillFinishesIt) {
  AnswerWith(std::make_shared<SlowAuthority>());
  GetChallenge();
  auto work = GetWork();
  ASSERT_NE(work, nullptr);
  for (const Event event : kEvents) {
    EXPECT_THAT(Deliver(*context_, TokenOf(event)),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
  EXPECT_THAT(context_->Resume(nullptr), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(server_->audit->events.empty());
  work->Run();
  EXPECT_EQ(context_->Resume(std::move(work))->state, StepState::kEstablished);
  ExpectOneEvent(AuditOutcome::kAccepted, Reason::kBindingMatched);
  ExpectEnded();
}

TEST_F(AcceptorStates, WorkRunsOnAnotherThread) {
  AnswerWith(std::make_shared<SlowAuthority>());
  GetChallenge();
  auto work = GetWork();
  // Views into the message must not outlive it.
  std::ranges::fill(authenticate_, uint8_t{0});
  std::thread([&work] { work->Run(); }).join();
  EXPECT_EQ(context_->Resume(std::move(work))->state, StepState::kEstablished);
  const auto peer = context_->peer();
  ASSERT_OK(peer);
  EXPECT_EQ(peer->account()->user, "alice");
}

TEST_F(AcceptorStates, WrongPasswordIsRefusedAfterWorkToo) {
  AnswerWith(std::make_shared<SlowAuthority>());
  GetChallenge();
  ForgedClient guesser;
  guesser.password = "guess";
  authenticate_ = guesser.Authenticate(negotiate_, challenge_);
  auto work = GetWork();
  work->Run();
  EXPECT_EQ(context_->Resume(std::move(work))->state, StepState::kRejected);
  ExpectOneEvent(AuditOutcome::kRefused, Reason::kWrongPassword);
  ExpectEnded();
}

TEST_F(AcceptorStates, WorkThatWasNotRunIsAFault) {
  AnswerWith(std::make_shared<SlowAuthority>());
  GetChallenge();
  auto work = GetWork();
  ExpectFault(context_->Resume(std::move(work)), absl::StatusCode::kUnavailable,
              Reason::kAuthorityUnavailable);
}

TEST_F(AcceptorStates, ForeignWorkIsAFault) {
  AnswerWith(std::make_shared<SlowAuthority>());
  GetChallenge();
  const auto work = GetWork();
  ExpectFault(context_->Resume(std::make_unique<ForeignWork>()),
              absl::StatusCode::kFailedPrecondition, Reason::kInternalFault);
}

// Even when the allocator gives it the address of the work that was lost.
TEST_F(AcceptorStates, WorkOfAnotherLoginNeverFinishesThisOne) {
  const auto authority = std::make_shared<SlowAuthority>();
  ForgedClient bob;
  bob.user = "bob";
  bob.password = "secret-bob";
  for (int i = 0; i < 16; ++i) {
    AnswerWith(authority);
    GetChallenge();
    ForgedClient intruder;
    intruder.password = "guess";
    authenticate_ = intruder.Authenticate(negotiate_, challenge_);
    const TestServer other_server({}, With(authority));
    const auto other = other_server.Accept();
    const auto challenge = other->Step(negotiate_);
    const auto answer = bob.Authenticate(negotiate_, challenge->token);
    GetWork().reset();
    auto work = std::move(other->Step(answer)->pending_work);
    work->Run();
    const auto result = context_->Resume(std::move(work));
    EXPECT_FALSE(result.ok());
    EXPECT_FALSE(context_->established());
  }
}

TEST_F(AcceptorStates, AnAuthorityThatFailsIsAFaultAndNeverALogin) {
  const std::array<std::pair<absl::Status, Reason>, 3> faults = {{
      {absl::UnavailableError("no domain controller"), Reason::kAuthorityUnavailable},
      {absl::InternalError("broken"), Reason::kInternalFault},
      {absl::NotFoundError("no file"), Reason::kInternalFault},
  }};
  for (const auto& [status, reason] : faults) {
    AnswerWith(std::make_shared<BrokenAuthority>(status, false));
    GetChallenge();
    ExpectFault(context_->Step(authenticate_), status.code(), reason);
    AnswerWith(std::make_shared<BrokenAuthority>(status, true));
    GetChallenge();
    auto work = GetWork();
    work->Run();
    ExpectFault(context_->Resume(std::move(work)), status.code(), reason);
  }
}

TEST_F(AcceptorStates, AbandonedExchangesLeaveOneEventEach) {
  AnswerWith(nullptr);
  context_.reset();
  EXPECT_TRUE(server_->audit->events.empty()) << "nothing had begun";
  AnswerWith(nullptr);
  GetChallenge();
  context_.reset();
  ExpectOneEvent(AuditOutcome::kAbandoned, Reason::kAbandoned);
  AnswerWith(std::make_shared<SlowAuthority>());
  GetChallenge();
  const auto work = GetWork();
  context_.reset();
  ExpectOneEvent(AuditOutcome::kAbandoned, Reason::kAbandoned);
  EXPECT_EQ(server_->audit->events.front().claims.user, "alice");
  work->Run();  // may come late
}

TEST_F(AcceptorStates, EndedExchangesLeaveNoSecondEventBehind) {
  AnswerWith(nullptr);
  GetChallenge();
  EXPECT_EQ(Deliver(*context_, authenticate_)->state, StepState::kEstablished);
  context_.reset();
  ExpectOneEvent(AuditOutcome::kAccepted, Reason::kBindingMatched);
}

// Names that no proof stands behind are claims, whoever is let in.
TEST_F(AcceptorStates, IdentityIsVerifiedOnlyByAProof) {
  ExtendedProtectionOptions policy;
  policy.mode = ExtendedProtectionMode::kAllow;
  policy.allow_anonymous = true;
  const TestServer server(policy, {});
  const auto context = server.Accept();
  InitiatorOptions anonymous;
  anonymous.anonymous = true;
  const auto client = MakeClient(std::move(anonymous), Channel::Tls(test::Bindings(1)), {});
  const auto challenge = test::StepOrDie(*context, test::StepOrDie(*client, {}).token);
  const auto result = test::StepOrDie(*context, test::StepOrDie(*client, challenge.token).token);
  EXPECT_EQ(result.state, StepState::kEstablished);
  ASSERT_EQ(server.audit->events.size(), 1u);
  EXPECT_EQ(server.audit->events.front().identity, IdentityKind::kAnonymous);
  EXPECT_FALSE(server.audit->events.front().identity_verified);
}

class InitiatorStates : public States {
 protected:
  void Start() {
    context_ = NewClient();
    server_ = TestServer({}, {}).Accept();
  }
  void GetNegotiate() {
    negotiate_ = test::StepOrDie(*context_, {}).token;
    challenge_ = test::StepOrDie(*server_, negotiate_).token;
    authenticate_ = ForgedClient().Authenticate(negotiate_, challenge_);
  }
  void ExpectRejected(Event event, Reason reason) {
    ExpectRejection(event, reason);
    ExpectNoFurtherStep();
  }

  std::unique_ptr<SecurityContext> server_;
};

TEST_F(InitiatorStates, FreshStartsWithAnEmptyTokenOnly) {
  Start();
  GetNegotiate();
  for (const Event event :
       {Event::kNegotiate, Event::kChallenge, Event::kAuthenticate, Event::kGarbage}) {
    context_ = NewClient();
    ExpectRejected(event, Reason::kUnexpectedMessage);
  }
}

TEST_F(InitiatorStates, AChallengeMayBeAsLongAsAnyToken) {
  const size_t most = NtlmPackageInfo().max_token_size;
  for (const size_t size : {most, most + 1}) {
    Start();
    GetNegotiate();
    context_->Step(std::vector<uint8_t>(size)).IgnoreError();
    EXPECT_EQ(context_->reason(), size > most ? Reason::kTokenTooLarge : Reason::kMalformedToken);
  }
}

TEST_F(InitiatorStates, AfterTheNegotiateOnlyAChallengeFits) {
  const std::array<std::pair<Event, Reason>, 4> refused = {{
      {Event::kNegotiate, Reason::kUnexpectedMessage},
      {Event::kAuthenticate, Reason::kUnexpectedMessage},
      {Event::kGarbage, Reason::kMalformedToken},
      {Event::kEmpty, Reason::kMalformedToken},
  }};
  for (const auto& [event, reason] : refused) {
    Start();
    GetNegotiate();
    ExpectRejected(event, reason);
  }
  Start();
  GetNegotiate();
  EXPECT_EQ(Deliver(*context_, challenge_)->state, StepState::kEstablished);
  ExpectNoFurtherStep();
  EXPECT_TRUE(context_->established());
}

TEST_F(InitiatorStates, HasNoPendingWork) {
  Start();
  GetNegotiate();
  EXPECT_THAT(context_->Resume(std::make_unique<ForeignWork>()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace epa::ntlm
