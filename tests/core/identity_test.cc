#include "epa/core/identity.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace epa {
namespace {

AccountIdentity WithSid(AccountIdentity account, std::string sid) {
  AuthorizationData data;
  data.user_sid = std::move(sid);
  account.authorization = std::make_shared<const AuthorizationData>(std::move(data));
  return account;
}

TEST(PeerIdentity, OnlyAnAccountHasNames) {
  EXPECT_EQ(PeerIdentity().kind(), IdentityKind::kAnonymous);
  EXPECT_EQ(PeerIdentity().account(), nullptr);
  EXPECT_EQ(PeerIdentity::Guest().kind(), IdentityKind::kGuest);
  EXPECT_EQ(PeerIdentity::Guest().account(), nullptr);
  const PeerIdentity alice = PeerIdentity::Account({.user = "alice", .domain = "CORP"});
  EXPECT_EQ(alice.kind(), IdentityKind::kUser);
  EXPECT_EQ(alice.account()->user, "alice");
}

TEST(PeerIdentity, WithoutAnAccountIsNobodys) {
  EXPECT_EQ(PeerIdentity::Account(std::shared_ptr<const AccountIdentity>()).kind(),
            IdentityKind::kAnonymous);
}

TEST(SameAccount, ByEitherNameOfTheDomain) {
  const AccountIdentity ntlm = {.user = "Alice", .domain = "CORP", .dns_domain = "corp.example"};
  const AccountIdentity ticket = {
      .user = "alice", .domain = "CORP.EXAMPLE", .dns_domain = "CORP.EXAMPLE"};
  EXPECT_TRUE(SameAccount(ntlm, ticket));
  EXPECT_TRUE(SameAccount(ticket, ntlm));
  const AccountIdentity short_name = {.user = "alice", .domain = "corp"};
  EXPECT_TRUE(SameAccount(ntlm, short_name));
  // Nobody says that these two are one domain.
  EXPECT_FALSE(SameAccount(ticket, short_name));
}

TEST(SameAccount, OtherUsersDomainsAndComputersAreOthers) {
  const AccountIdentity alice = {.user = "alice", .domain = "CORP"};
  EXPECT_FALSE(SameAccount(alice, {.user = "bob", .domain = "CORP"}));
  EXPECT_FALSE(SameAccount(alice, {.user = "alice", .domain = "OTHER"}));
  EXPECT_FALSE(SameAccount(alice, {.user = "alice", .domain = ""}));
  EXPECT_FALSE(SameAccount(alice, {.user = "alice", .domain = "CORP", .local = true}));
  EXPECT_TRUE(SameAccount({.user = "alice"}, {.user = "ALICE"}));
  EXPECT_FALSE(SameAccount({.user = "alice", .dns_domain = "a.example"},
                           {.user = "alice", .dns_domain = "b.example"}));
}

TEST(SameAccount, SidsWinOverNames) {
  const AccountIdentity alice = {.user = "alice", .domain = "CORP"};
  const AccountIdentity renamed = {.user = "alice.smith", .domain = "CORP.EXAMPLE"};
  EXPECT_TRUE(
      SameAccount(WithSid(alice, "S-1-5-21-1-2-3-1104"), WithSid(renamed, "S-1-5-21-1-2-3-1104")));
  EXPECT_FALSE(
      SameAccount(WithSid(alice, "S-1-5-21-1-2-3-1104"), WithSid(alice, "S-1-5-21-1-2-3-1105")));
  // One of them alone has nothing to compare with.
  EXPECT_TRUE(SameAccount(WithSid(alice, "S-1-5-21-1-2-3-1104"), alice));
}

TEST(SameIdentity, OfOneKind) {
  const PeerIdentity alice = PeerIdentity::Account({.user = "alice", .domain = "CORP"});
  const std::vector<PeerIdentity> all = {alice, PeerIdentity::Guest(), PeerIdentity::Anonymous()};
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < all.size(); ++j) {
      EXPECT_EQ(SameIdentity(all[i], all[j]), i == j) << i << " " << j;
    }
  }
}

}  // namespace
}  // namespace epa
