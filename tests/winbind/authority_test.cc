#include "lib/winbind/authority.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "epa/core/security_context.h"
#include "providers/ntlm/ntlmv2.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/winbind/fake_client.h"

namespace epa::winbind {
namespace {

using test::Exchange;
using test::ExchangeSetup;

// A controller that knows alice of CORP, with the password "secret-alice", by the rules of a real
// one: the response must be hers to this challenge.
absl::StatusOr<Answer> Controller(const Question& question) {
  Answer answer;
  if (question.user != "alice") {
    answer.nt_status = 0xC0000064;
    return answer;
  }
  const auto account = std::make_shared<const AccountIdentity>();
  const ntlm::LogonRequest request = {.user = question.user,
                                      .domain = question.domain,
                                      .server_challenge = question.challenge,
                                      .nt_response = question.nt_response};
  const auto verdict =
      ntlm::VerifyWithNtHash(ntlm::NtHashFromPassword("secret-alice").value(), request, account);
  if (!verdict.ok() || !verdict->verified()) {
    answer.nt_status = 0xC000006A;
    return answer;
  }
  answer.user = "alice";
  answer.domain = "CORP";
  answer.dns_domain = "corp.example.com";
  answer.session_key = verdict->session_base_key();
  answer.sids = {"S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1200"};
  return answer;
}

class WinbindAuthorityTest : public ::testing::Test {
 protected:
  WinbindAuthorityTest() { server_->authenticate = Controller; }

  std::shared_ptr<const WinbindAuthority> Create(Options options = {}) {
    options.deadline = std::chrono::hours(1);
    return CreateAuthorityOver(FactoryOf(server_), std::move(options)).value();
  }
  // A whole login; the client is alice of CORP with this password.
  Exchange LogIn(std::shared_ptr<const ntlm::NtlmAuthority> authority,
                 const std::string& password = "secret-alice") {
    ExchangeSetup setup;
    setup.acceptor.authority = std::move(authority);
    setup.initiator.user = "alice";
    setup.initiator.domain = "CORP";
    setup.initiator.password = SecretBytes::FromText(password);
    return RunExchange(std::move(setup));
  }

  std::shared_ptr<FakeWinbindd> server_ = std::make_shared<FakeWinbindd>();
};

TEST_F(WinbindAuthorityTest, ALoginHasTheDomainsNamesSidsAndKey) {
  const auto authority = Create();
  EXPECT_TRUE(authority->blocks());
  const Exchange login = LogIn(authority);
  ExpectEstablished(login);
  EXPECT_EQ(login.client->claims().workstation, "MEMBER");
  EXPECT_EQ(login.client->claims().domain, "CORP");
  const AccountIdentity& account = *login.server->peer()->account();
  EXPECT_EQ(account.domain + "\\" + account.user, "CORP\\alice");
  EXPECT_EQ(account.authorization->user_sid, "S-1-5-21-1-2-3-1104");
  // The MIC and the binding are checked with the controller's key.
  EXPECT_EQ(login.server->evidence()->mic, MicEvidence::kVerified);
  EXPECT_EQ(login.server->evidence()->binding, BindingEvidence::kMatched);
  EXPECT_EQ(authority->counters().verified, 1u);
}

TEST_F(WinbindAuthorityTest, AWrongPasswordIsARefusalWithItsReason) {
  const auto authority = Create();
  const Exchange login = LogIn(authority, "wrong");
  ExpectRefused(login, Reason::kWrongPassword);
  EXPECT_EQ(login.server->reason_detail(), "NTSTATUS 0xC000006A");
  EXPECT_EQ(authority->counters().refused, 1u);
  EXPECT_EQ(authority->counters().refused_for,
            (std::map<Reason, uint64_t>{{Reason::kWrongPassword, 1}}));
  EXPECT_EQ(authority->counters().faults, 0u);
}

TEST_F(WinbindAuthorityTest, AStoppedControllerIsAFaultAndThenNobodyIsAsked) {
  server_->authenticate = [](const Question&) -> absl::StatusOr<Answer> {
    Answer answer;
    answer.nt_status = 0xC000005E;
    return answer;
  };
  Options options;
  options.pause = std::chrono::hours(1);
  const auto authority = Create(options);
  ntlm::LogonRequest request;
  request.user = "alice";
  EXPECT_TRUE(absl::IsUnavailable(authority->Verify(request).status()));
  EXPECT_TRUE(absl::IsUnavailable(authority->Verify(request).status()));
  EXPECT_EQ(server_->asked, 1);
  EXPECT_EQ(authority->counters().not_asked, 1u);
}

// A client chooses the domain: Samba says so at once of BUILTIN, and of a trust whose controllers
// are gone.
TEST_F(WinbindAuthorityTest, ADomainWithoutAControllerPausesItsOwnLoginsAlone) {
  server_->authenticate = [](const Question& question) -> absl::StatusOr<Answer> {
    Answer answer;
    answer.nt_status = 0xC000005E;
    return question.domain == "CORP" ? Controller(question) : answer;
  };
  const auto authority = Create({.pause = std::chrono::hours(1)});
  for (const std::string_view domain : {"BUILTIN", "builtin"}) {
    const ntlm::LogonRequest request = {.user = "alice", .domain = domain};
    EXPECT_TRUE(absl::IsUnavailable(authority->Verify(request).status()));
  }
  EXPECT_EQ(server_->asked, 1);
  EXPECT_EQ(authority->counters().not_asked, 1u);
  EXPECT_EQ(authority->counters().faults, 1u);
  ExpectEstablished(LogIn(authority));
  EXPECT_EQ(server_->connections, 1);
}

// What Samba says of the user "alice@" without a domain.
TEST_F(WinbindAuthorityTest, AnAnswerToANonsensicalQuestionPausesNobody) {
  server_->authenticate = [](const Question& question) -> absl::StatusOr<Answer> {
    Answer answer;
    answer.nt_status = 0xC00000D0;
    return question.user == "alice@" ? answer : Controller(question);
  };
  const auto authority = Create({.pause = std::chrono::hours(1)});
  const ntlm::LogonRequest request = {.user = "alice@"};
  EXPECT_TRUE(absl::IsUnavailable(authority->Verify(request).status()));
  EXPECT_TRUE(absl::IsUnavailable(authority->Verify(request).status()));
  EXPECT_EQ(server_->asked, 2);
  EXPECT_EQ(authority->counters().faults, 2u);
  ExpectEstablished(LogIn(authority));
}

TEST_F(WinbindAuthorityTest, ADomainThatIsBackIsAskedAgain) {
  const auto present = std::make_shared<std::atomic<bool>>(false);
  server_->authenticate = [present](const Question& question) -> absl::StatusOr<Answer> {
    Answer answer;
    answer.nt_status = 0xC000005E;
    return *present ? Controller(question) : answer;
  };
  const auto authority = Create({.pause = std::chrono::milliseconds(0)});
  const ntlm::LogonRequest request = {.user = "alice", .domain = "CORP"};
  EXPECT_FALSE(authority->Verify(request).ok());
  EXPECT_FALSE(authority->Verify(request).ok());
  *present = true;
  ExpectEstablished(LogIn(authority));
  ExpectEstablished(LogIn(authority));
  EXPECT_EQ(server_->asked, 4);
}

// Each of them would wait for the controller in its turn.
TEST_F(WinbindAuthorityTest, WhoWaitedForAConnectionIsNotAskedAboutInVain) {
  const auto gate = std::make_shared<Gate>();
  server_->authenticate = [gate](const Question&) -> absl::StatusOr<Answer> {
    gate->Wait();
    Answer answer;
    answer.nt_status = 0xC000005E;
    return answer;
  };
  const auto authority = Create({.connections = 1, .pause = std::chrono::hours(1)});
  const auto ask = [&authority](std::string_view domain) {
    const ntlm::LogonRequest request = {.user = "alice", .domain = domain};
    EXPECT_TRUE(absl::IsUnavailable(authority->Verify(request).status()));
  };
  std::vector<std::jthread> askers;
  for (int i = 0; i < 3; ++i) {
    askers.emplace_back(ask, "CORP");
  }
  while (authority->counters().waiting != 2) {  // and one asks
    std::this_thread::yield();
  }
  gate->Open();
  askers.clear();
  EXPECT_EQ(server_->asked, 1);
}

TEST_F(WinbindAuthorityTest, ANameWithANulIsAskedOfNobody) {
  const auto authority = Create();
  ntlm::LogonRequest request;
  const std::string name("alice\0x", 7);
  request.user = name;
  EXPECT_EQ(authority->Verify(request)->refusal(), Reason::kMalformedToken);
  EXPECT_EQ(server_->asked, 0);
}

TEST_F(WinbindAuthorityTest, GroupsAreRequiredByNameOrSid) {
  ExpectEstablished(LogIn(Create({.required_groups = {"CORP\\staff"}})));
  ExpectEstablished(LogIn(Create({.required_groups = {"S-1-5-21-1-2-3-1200"}})));
  ExpectRefused(LogIn(Create({.required_groups = {"S-1-5-21-1-2-3-9"}})),
                Reason::kAccountRestricted);
  Options unknown;
  unknown.required_groups = {"CORP\\nobody"};
  EXPECT_FALSE(CreateAuthorityOver(FactoryOf(server_), unknown).ok());
}

TEST_F(WinbindAuthorityTest, SettingsThatCannotWorkAreRefused) {
  for (const Options& options : std::vector<Options>{
           {.connections = 0}, {.deadline = std::chrono::milliseconds(0)}, {.max_waiting = 0}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CreateAuthorityOver(FactoryOf(server_), options).status()));
  }
}

TEST_F(WinbindAuthorityTest, AMachineThatIsNotJoinedIsAFault) {
  for (const ntlm::ChallengeNames& names : std::vector<ntlm::ChallengeNames>{
           {},
           // As Debian's smb.conf is before anything is joined.
           {.netbios_computer = "MEMBER", .netbios_domain = "WORKGROUP"}}) {
    server_->names = names;
    const auto authority = CreateAuthorityOver(FactoryOf(server_), {});
    EXPECT_TRUE(absl::IsUnavailable(authority.status()));
    EXPECT_NE(authority.status().message().find("not joined"), std::string::npos);
  }
}

TEST_F(WinbindAuthorityTest, PingSaysWhetherWinbinddAnswers) {
  const auto authority = Create();
  EXPECT_TRUE(authority->Ping().ok());
  server_->connect = [] { return absl::UnavailableError("gone"); };
  EXPECT_FALSE(authority->Ping().ok());
}

// Accounts in a file and the domain together: the file speaks first, and at once.
TEST_F(WinbindAuthorityTest, AFileBeforeTheDomainWaitsForNobody) {
  const auto gate = std::make_shared<Gate>();
  server_->authenticate = [gate](const Question& question) {
    gate->Wait();
    return Controller(question);
  };
  const auto chain = ntlm::CreateAuthorityChain({test::TestAuthority(), Create()});
  EXPECT_TRUE(chain->blocks());
  EXPECT_EQ(chain->names().value()->netbios_computer, "MEMBER");
  ExchangeSetup bob;  // of the file
  bob.acceptor.authority = chain;
  bob.initiator.user = "bob";
  bob.initiator.domain = "EXAMPLE";
  bob.initiator.password = SecretBytes::FromText("secret-bob");
  ExpectEstablished(RunExchange(std::move(bob)));
  EXPECT_EQ(server_->asked, 0);
  gate->Open();
  ExpectEstablished(LogIn(chain));
  EXPECT_EQ(server_->asked, 1);
}

TEST_F(WinbindAuthorityTest, AWrongPasswordInTheFileIsNotTriedOnTheDomain) {
  const auto chain = ntlm::CreateAuthorityChain({test::TestAuthority(), Create()});
  ExchangeSetup bob;
  bob.acceptor.authority = chain;
  bob.initiator.user = "bob";
  bob.initiator.domain = "EXAMPLE";
  bob.initiator.password = SecretBytes::FromText("wrong");
  ExpectRefused(RunExchange(std::move(bob)), Reason::kWrongPassword);
  EXPECT_EQ(server_->asked, 0);
}

}  // namespace
}  // namespace epa::winbind
