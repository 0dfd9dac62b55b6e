// Logins under a name that the client chose: the account is who the KDC's PAC says it is.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/kerberos_exchange.h"
#include "tests/support/ticket_forge.h"

namespace epa::test {
namespace {

using std::string_literals::operator""s;

enum class Judge { kAcceptor, kInspector };

class KerberosIdentity : public testing::TestWithParam<Judge> {
 protected:
  StepState LogIn(const ForgedTicket& ticket) {
    kerberos::AcceptorOptions options;
    options.keytab = has_keytab_of_another_name_ ? forge_.KeytabOf("alias.corp.example.com", 7)
                                                 : forge_.Keytab();
    options.configuration.contents = "[libdefaults]\n default_realm = NOWHERE\n";
    options.replay_cache = kerberos::ReplayCache::kNone;
    options.require_pac = require_pac_;
    KerberosSetup setup;
    setup.acceptor = GetParam() == Judge::kAcceptor
                         ? MakeAcceptor(std::move(options))
                         : kerberos::CreateInspectorCredentials(std::move(options)).value();
    setup.policy.mode = ExtendedProtectionMode::kLegacy;
    setup.audit = std::make_shared<RecordingAuditSink>();
    server_ = MakeKerberosServer(setup);
    const StepResult result = KerberosStep(*server_, forge_.Request(ticket));
    EXPECT_EQ(setup.audit->events.size(), 1u);
    event_ = setup.audit->events.empty() ? AuditEvent() : setup.audit->events.front();
    return result.state;
  }

  void ExpectAccount(const std::string& user, const std::string& domain, IdentityProof proof) {
    const auto peer = server_->peer();
    ASSERT_TRUE(peer.ok()) << peer.status();
    const AccountIdentity* const account = peer->account();
    ASSERT_NE(account, nullptr);
    EXPECT_EQ(account->user, user);
    EXPECT_EQ(account->domain, domain);
    EXPECT_EQ(account->dns_domain, TicketForge::kRealm);
    EXPECT_EQ(account->proof, proof);
    EXPECT_EQ(event_.user, user);
    EXPECT_EQ(event_.domain, domain);
  }

  void ExpectRefused(const ForgedTicket& ticket, Reason reason) {
    EXPECT_EQ(LogIn(ticket), StepState::kRejected);
    EXPECT_EQ(ReasonName(server_->reason()), ReasonName(reason)) << server_->reason_detail();
    EXPECT_EQ(event_.user, "");
  }

  TicketForge forge_;
  bool has_keytab_of_another_name_ = false;
  bool require_pac_ = false;
  std::unique_ptr<SecurityContext> server_;
  AuditEvent event_;
};

// CVE-2020-25717, CVE-2020-25719: whoever may make machine accounts names one "root$" and asks the
// KDC for "root"; whoever may set a userPrincipalName sets "root@REALM".
TEST_P(KerberosIdentity, AMachineAccountDoesNotBecomeTheUserOfItsName) {
  for (const std::string account : {"root$", "mallory"}) {
    for (const bool required : {false, true}) {
      require_pac_ = required;
      ASSERT_EQ(LogIn({.client = {"root"}, .pac = ForgedPac{.logon_name = account}}),
                StepState::kEstablished)
          << server_->reason_detail();
      ExpectAccount(account, "CORP", IdentityProof::kPac);
      // Both names are told.
      EXPECT_EQ(event_.claims.user, "root");
      EXPECT_EQ(event_.claims.domain, TicketForge::kRealm);
      EXPECT_EQ(event_.pac, PacEvidence::kVerified);
      EXPECT_EQ(server_->peer()->account()->authorization->principal,
                "root@"s + TicketForge::kRealm);
    }
  }
}

// The client may ask the KDC to leave the PAC out.
TEST_P(KerberosIdentity, WithoutAPacTheTicketsNameCountsUnlessOneIsRequired) {
  ASSERT_EQ(LogIn({.client = {"root"}}), StepState::kEstablished) << server_->reason_detail();
  ExpectAccount("root", TicketForge::kRealm, IdentityProof::kTicket);
  EXPECT_EQ(event_.pac, PacEvidence::kAbsent);
  require_pac_ = true;
  ExpectRefused({.client = {"root"}}, Reason::kPacRequired);
}

TEST_P(KerberosIdentity, APacThatDoesNotVerifyProvesNothingAndLeavesATrace) {
  const ForgedTicket ticket = {
      .client = {"alice"},
      .pac = ForgedPac{.logon_name = "administrator", .signed_with_another_key = true}};
  ASSERT_EQ(LogIn(ticket), StepState::kEstablished) << server_->reason_detail();
  ExpectAccount("alice", TicketForge::kRealm, IdentityProof::kTicket);
  EXPECT_EQ(event_.pac, PacEvidence::kInvalid);
  EXPECT_EQ(server_->peer()->account()->authorization->user_sid, "");
  require_pac_ = true;
  ExpectRefused(ticket, Reason::kPacRequired);
  EXPECT_EQ(event_.pac, PacEvidence::kInvalid);
}

// libkrb5 tries every key of the keytab for a name that the keytab does not have.
TEST_P(KerberosIdentity, APacIsVerifiedWithTheKeyThatOpensTheTicketWhateverItsName) {
  for (const uint16_t type : {TicketForge::kAes256, TicketForge::kCamellia256}) {
    forge_ = TicketForge(type);
    for (const bool another_name : {false, true}) {
      SCOPED_TRACE(testing::Message() << "encryption type " << type << ", " << another_name);
      has_keytab_of_another_name_ = another_name;
      ASSERT_EQ(LogIn({.client = {"alice"}, .pac = ForgedPac{.logon_name = "alicia"}}),
                StepState::kEstablished)
          << server_->reason_detail();
      ExpectAccount("alicia", "CORP", IdentityProof::kPac);
      ASSERT_EQ(LogIn({.client = {"alice"},
                       .pac = ForgedPac{.logon_name = "alicia", .signed_with_another_key = true}}),
                StepState::kEstablished)
          << server_->reason_detail();
      EXPECT_EQ(event_.pac, PacEvidence::kInvalid);
      ExpectAccount("alice", TicketForge::kRealm, IdentityProof::kTicket);
    }
  }
}

TEST_P(KerberosIdentity, APacOfAnotherClientOrTimeProvesNothing) {
  for (const bool client : {false, true}) {
    ASSERT_EQ(LogIn({.client = {"alice"},
                     .pac = ForgedPac{.logon_name = "administrator",
                                      .of_another_client = client,
                                      .of_another_time = !client}}),
              StepState::kEstablished)
        << server_->reason_detail();
    ExpectAccount("alice", TicketForge::kRealm, IdentityProof::kTicket);
    EXPECT_EQ(event_.pac, PacEvidence::kInvalid);
  }
}

TEST_P(KerberosIdentity, APacInWhatCannotBeReadIsRefused) {
  ExpectRefused({.pac = ForgedPac{.logon_name = "alice", .torn_container = true}},
                Reason::kMalformedToken);
}

// As MIT's KDC makes them: nothing in it names an account.
TEST_P(KerberosIdentity, APacWithoutLogonInformationNamesNobody) {
  const ForgedTicket ticket = {.client = {"alice"}, .pac = ForgedPac{}};
  ASSERT_EQ(LogIn(ticket), StepState::kEstablished) << server_->reason_detail();
  ExpectAccount("alice", TicketForge::kRealm, IdentityProof::kTicket);
  EXPECT_EQ(event_.pac, PacEvidence::kVerified);
  require_pac_ = true;
  ExpectRefused(ticket, Reason::kPacRequired);
}

TEST_P(KerberosIdentity, APacWhoseNamesCannotBeReadIsRefused) {
  for (const std::string& name : {""s, "root\0evil"s}) {
    ExpectRefused({.client = {"alice"}, .pac = ForgedPac{.logon_name = name}},
                  Reason::kTicketInvalid);
  }
  ExpectRefused({.client = {"alice"}, .pac = ForgedPac{.logon_name = "alice", .logon_domain = ""}},
                Reason::kTicketInvalid);
}

// [MS-PAC] 2.5: the SID would be another's than the domain's user 0.
TEST_P(KerberosIdentity, APacOfUserZeroIsRefused) {
  ExpectRefused({.pac = ForgedPac{.logon_name = "alice", .user_id = 0}}, Reason::kTicketInvalid);
}

TEST_P(KerberosIdentity, NamesThatAreEmptyOrNoTextAreRefused) {
  for (const std::string name : {"", "\xff\xfe"}) {
    ExpectRefused({.client = {name}}, Reason::kTicketInvalid);
    ExpectRefused({.client_realm = name}, Reason::kTicketInvalid);
  }
}

// CVE-2014-5355 and its like: a name is as long as it is.
TEST_P(KerberosIdentity, ANulInANameIsRefused) {
  ExpectRefused({.client = {"root\0evil"s}}, Reason::kTicketInvalid);
  ExpectRefused({.client = {"root", "\0"s}}, Reason::kTicketInvalid);
  ExpectRefused({.client = {"root"}, .client_realm = "CORP\0.EXAMPLE"s}, Reason::kTicketInvalid);
}

TEST_P(KerberosIdentity, SeparatorsWithinANameAreQuoted) {
  struct Case {
    std::vector<std::string> client;
    std::string user;
  };
  for (const Case& entry :
       {Case{{"x", "admin"}, "x/admin"}, Case{{"x/admin"}, "x\\/admin"},
        Case{{"alice@OTHER"}, "alice\\@OTHER"}, Case{{"CORP\\alice"}, "CORP\\\\alice"}}) {
    ASSERT_EQ(LogIn({.client = entry.client}), StepState::kEstablished) << server_->reason_detail();
    ExpectAccount(entry.user, TicketForge::kRealm, IdentityProof::kTicket);
  }
}

INSTANTIATE_TEST_SUITE_P(Judges, KerberosIdentity,
                         testing::Values(Judge::kAcceptor, Judge::kInspector),
                         [](const testing::TestParamInfo<Judge>& judge) {
                           return judge.param == Judge::kAcceptor ? "Acceptor" : "Inspector";
                         });

}  // namespace
}  // namespace epa::test
