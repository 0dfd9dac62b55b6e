// The server decides by the account it found, never by the names the client chose to send.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "epa/ntlm/authority.h"
#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"

namespace epa::test {
namespace {

ntlm::Account AccountOf(std::string domain, std::string user) {
  ntlm::Account account;
  account.nt_hash = ntlm::NtHashFromPassword("secret-" + user).value();
  account.user = std::move(user);
  account.domain = std::move(domain);
  return account;
}

// alice of a domain, dora of this computer by name, and Eve, whose account names no domain.
ExchangeSetup Files(ntlm::IncomingTraffic incoming = ntlm::IncomingTraffic::kAllow) {
  ExchangeSetup setup;
  setup.acceptor.authority =
      ntlm::CreateMemoryAuthority(
          {AccountOf("CORP", "alice"), AccountOf("FILES", "dora"), AccountOf("", "Eve")})
          .value();
  setup.acceptor.names.netbios_computer = "FILES";
  setup.acceptor.incoming = incoming;
  return setup;
}

Exchange LogInAs(const std::string& domain, const std::string& user, const std::string& account,
                 ExchangeSetup setup) {
  ForgedClient client;
  client.user = user;
  client.domain = domain;
  client.password = "secret-" + account;
  return RunForged(client, std::move(setup));
}

struct Spelling {
  std::string domain;
  std::string user;
};
const std::vector<Spelling> kAlice = {
    {"CORP", "alice"}, {"corp", "ALICE"}, {"", "alice"}, {"", "CORP\\alice"}, {"", "alice@CORP"}};
const std::vector<Spelling> kEve = {{"", "eve"},     {"FILES", "eve"},
                                    {".", "EVE"},    {"NT AUTHORITY", "eve"},
                                    {"CORP", "Eve"}, {"", "CORP\\eve"}};

TEST(ClaimedNames, TheIdentityIsTheAccountsOwnWhateverTheSpelling) {
  for (const Spelling& spelling : kAlice) {
    const Exchange login = LogInAs(spelling.domain, spelling.user, "alice", Files());
    ExpectEstablished(login);
    const AccountIdentity& account = *login.server->peer()->account();
    EXPECT_EQ(account.domain + "\\" + account.user, "CORP\\alice") << spelling.user;
    EXPECT_FALSE(account.local);
    EXPECT_EQ(account.proof, IdentityProof::kPassword);
    const AuditEvent& event = login.audit->events.front();
    EXPECT_EQ(event.domain + "\\" + event.user, "CORP\\alice");
    EXPECT_EQ(event.claims.user, spelling.user);
    EXPECT_EQ(event.claims.domain, spelling.domain);
    EXPECT_EQ(login.server->claims().user, spelling.user);
  }
}

// An account without a domain is this computer's own, whichever domain its user claims.
TEST(ClaimedNames, AnAccountWithoutADomainBelongsToThisComputer) {
  for (const Spelling& spelling : kEve) {
    const Exchange login = LogInAs(spelling.domain, spelling.user, "Eve", Files());
    ExpectEstablished(login);
    const AccountIdentity& account = *login.server->peer()->account();
    EXPECT_EQ(account.domain + "\\" + account.user, "FILES\\Eve") << spelling.domain;
    EXPECT_TRUE(account.local);
  }
}

TEST(ClaimedNames, DoNotLiftARestrictionToLocalAccounts) {
  for (const Spelling& spelling : kAlice) {
    const Exchange login = LogInAs(spelling.domain, spelling.user, "alice",
                                   Files(ntlm::IncomingTraffic::kDenyDomainAccounts));
    ExpectRefused(login, Reason::kNtlmBlocked);
    EXPECT_EQ(login.audit->events.front().detail, "RestrictReceivingNTLMTraffic: a domain account");
  }
}

TEST(ClaimedNames, DoNotTakeALocalAccountForADomains) {
  for (const Spelling& spelling : kEve) {
    ExpectEstablished(LogInAs(spelling.domain, spelling.user, "Eve",
                              Files(ntlm::IncomingTraffic::kDenyDomainAccounts)));
  }
  const Exchange dora =
      LogInAs("", "dora", "dora", Files(ntlm::IncomingTraffic::kDenyDomainAccounts));
  ExpectEstablished(dora);
  EXPECT_TRUE(dora.server->peer()->account()->local);
  EXPECT_EQ(dora.server->peer()->account()->domain, "FILES");
}

// A wrong password under the restriction says nothing about the account.
TEST(ClaimedNames, OfAWrongPasswordAreClaimsInTheAudit) {
  const Exchange login =
      LogInAs("CORP", "alice", "mallory", Files(ntlm::IncomingTraffic::kDenyDomainAccounts));
  ExpectRefused(login, Reason::kWrongPassword);
  const AuditEvent& event = login.audit->events.front();
  EXPECT_EQ(event.user, "");
  EXPECT_FALSE(event.identity_verified);
  EXPECT_EQ(event.claims.user, "alice");
  EXPECT_EQ(event.claims.domain, "CORP");
}

class Guests : public ntlm::NtlmAuthority {
  absl::StatusOr<ntlm::LogonVerdict> Verify(const ntlm::LogonRequest&) const override {
    return ntlm::LogonVerdict::Guest();
  }
};

TEST(ClaimedNames, AGuestHasNone) {
  ExchangeSetup setup = Files();
  setup.acceptor.authority = std::make_shared<const Guests>();
  setup.policy.mode = ExtendedProtectionMode::kLegacy;
  setup.policy.allow_guest = true;
  const Exchange login = LogInAs("CORP", "administrator", "anything", std::move(setup));
  ASSERT_TRUE(login.server->established());
  const PeerIdentity peer = login.server->peer().value();
  EXPECT_EQ(peer.kind(), IdentityKind::kGuest);
  EXPECT_EQ(peer.account(), nullptr);
  const AuditEvent& event = login.audit->events.front();
  EXPECT_EQ(event.user, "");
  EXPECT_EQ(event.claims.user, "administrator");
  EXPECT_EQ(event.accepted_if_required, false);
  EXPECT_EQ(event.reason_if_required, Reason::kGuestRefused);
}

// A directory's authority says which names its challenges carry.
class Member : public ntlm::NtlmAuthority {
 public:
  absl::StatusOr<ntlm::LogonVerdict> Verify(const ntlm::LogonRequest& request) const override {
    return VerifyWithNtHash(
        hash_, request,
        std::make_shared<const AccountIdentity>(
            AccountIdentity{.user = "alice", .domain = "CORP", .dns_domain = "corp.example.com"}));
  }
  absl::StatusOr<std::optional<ntlm::ChallengeNames>> names() const override {
    return ntlm::ChallengeNames{.netbios_computer = "MEMBER", .netbios_domain = "CORP"};
  }

 private:
  ntlm::NtHash hash_ = ntlm::NtHashFromPassword("secret-alice").value();
};

TEST(ClaimedNames, TheAuthorityPrescribesTheChallenges) {
  ExchangeSetup setup;
  setup.acceptor.authority = std::make_shared<const Member>();
  const Exchange login = RunExchange(std::move(setup));
  ExpectEstablished(login);
  EXPECT_EQ(login.client->claims().domain, "CORP");
  EXPECT_EQ(login.client->claims().workstation, "MEMBER");
  EXPECT_EQ(login.server->peer()->account()->dns_domain, "corp.example.com");

  ntlm::AcceptorOptions contradicted;
  contradicted.authority = std::make_shared<const Member>();
  contradicted.names.netbios_computer = "OTHER";
  EXPECT_TRUE(
      absl::IsInvalidArgument(ntlm::CreateAcceptorCredentials(std::move(contradicted)).status()));
}

}  // namespace
}  // namespace epa::test
