#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "epa/ntlm/authority.h"
#include "lib/base/hex.h"

namespace epa::ntlm {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kLm[] = "E52CAC67419A9A224A3B108F3FA6CB6D";
constexpr char kNt[] = "8846F7EAEE8FB117AD06BDD830B7586C";  // "password"
constexpr char kNone[] = "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX";

std::string SmbPasswd(std::string_view user, std::string_view nt, std::string_view flags) {
  return std::string(user) + ":1000:" + kLm + ":" + std::string(nt) + ":[" + std::string(flags) +
         "]:LCT-5F5E1000:\n";
}

std::vector<Account> Parse(std::string_view text) {
  auto accounts = ParseAccounts(text, "accounts");
  EXPECT_TRUE(accounts.ok()) << accounts.status();
  return accounts.ok() ? *std::move(accounts) : std::vector<Account>();
}

Account ParseOne(std::string_view text) {
  auto accounts = Parse(text);
  EXPECT_EQ(accounts.size(), 1u);
  return accounts.empty() ? Account() : accounts.front();
}

std::string ErrorOf(std::string_view text) {
  return std::string(ParseAccounts(text, "accounts").status().message());
}

void ExpectPassword(const Account& account, std::string_view password) {
  EXPECT_EQ(account.nt_hash, NtHashFromPassword(password).value());
}

TEST(AccountFile, PasswordLine) {
  const Account account = ParseOne("CORP:alice:secret\n");
  EXPECT_EQ(account.domain, "CORP");
  EXPECT_EQ(account.user, "alice");
  EXPECT_FALSE(account.disabled);
  ExpectPassword(account, "secret");
}

TEST(AccountFile, PasswordIsEverythingAfterTheSecondColon) {
  ExpectPassword(ParseOne("CORP:alice:a:b::c:"), "a:b::c:");
  ExpectPassword(ParseOne("CORP:alice: # no comment "), " # no comment ");
  ExpectPassword(ParseOne("CORP:alice:pässword\r\n"), "pässword");
}

TEST(AccountFile, EmptyDomainIsAllowed) {
  const Account account = ParseOne(":alice:secret");
  EXPECT_EQ(account.domain, "");
  EXPECT_EQ(account.user, "alice");
}

TEST(AccountFile, EmptyPasswordIsAnAccountWithoutOne) {
  EXPECT_TRUE(ParseOne("CORP:alice:").disabled);
}

TEST(AccountFile, SmbPasswdLine) {
  const Account account = ParseOne(SmbPasswd("alice", kNt, "U          "));
  EXPECT_EQ(account.user, "alice");
  EXPECT_EQ(account.domain, "");
  EXPECT_FALSE(account.disabled);
  EXPECT_EQ(EncodeHex(account.nt_hash.Expose()), "8846f7eaee8fb117ad06bdd830b7586c");
  ExpectPassword(account, "password");
}

TEST(AccountFile, SmbPasswdFlags) {
  for (const char* usable : {"U          ", "UX         ", "W          ", "S", "", "UM"}) {
    EXPECT_FALSE(ParseOne(SmbPasswd("alice", kNt, usable)).disabled) << usable;
  }
  for (const char* refused : {"DU         ", "UD", "NU         ", "UXN", "UL"}) {
    EXPECT_TRUE(ParseOne(SmbPasswd("alice", kNt, refused)).disabled) << refused;
  }
}

TEST(AccountFile, SmbPasswdWithoutAHashIsRefused) {
  EXPECT_TRUE(ParseOne(SmbPasswd("alice", kNone, "U          ")).disabled);
  EXPECT_TRUE(
      ParseOne(SmbPasswd("alice", "NO PASSWORDXXXXXXXXXXXXXXXXXXXXX", "U          ")).disabled);
}

TEST(AccountFile, SmbPasswdWithoutAnLmHashIsUsable) {
  const std::string line =
      std::string("alice:1000:") + kNone + ":" + kNt + ":[UX         ]:LCT-5F5E1000:";
  EXPECT_FALSE(ParseOne(line).disabled);
  EXPECT_FALSE(ParseOne(std::string("alice:1000:NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:") + kNt +
                        ":[U          ]:LCT-00000000:")
                   .disabled);
}

TEST(AccountFile, FormatsMixWithCommentsAndBlankLines) {
  const auto accounts = Parse("\xEF\xBB\xBF# accounts\n\n  \t\nCORP:alice:a\r\n  # more\n" +
                              SmbPasswd("bob", kNt, "U          ") + "#CORP:carol:c\n:dave:d");
  ASSERT_EQ(accounts.size(), 3u);
  EXPECT_EQ(accounts[0].user, "alice");
  EXPECT_EQ(accounts[1].user, "bob");
  EXPECT_EQ(accounts[2].user, "dave");
}

TEST(AccountFile, EmptyFileHasNoAccounts) { EXPECT_TRUE(Parse("").empty()); }

TEST(AccountFile, UserNamedLikeANumberKeepsItsPassword) {
  ExpectPassword(ParseOne("CORP:1000:secret"), "secret");
  ExpectPassword(ParseOne("CORP:1000:a:b:c:d"), "a:b:c:d");
}

TEST(AccountFile, DamagedSmbPasswdLinesAreErrorsAndNotPasswords) {
  const std::string user = "alice:1000:";
  EXPECT_THAT(ErrorOf(user + kLm), HasSubstr("accounts:1: a hash is not 32"));
  EXPECT_THAT(ErrorOf(user + kLm + ":" + kNt), HasSubstr("account flags"));
  EXPECT_THAT(ErrorOf(user + kLm + ":" + kNt + "0:[U]:LCT-0:"), HasSubstr("32 hex"));
  EXPECT_THAT(ErrorOf(user + kLm + "0:" + kNt + ":[U]:LCT-0:"), HasSubstr("32 hex"));
  EXPECT_THAT(ErrorOf(user + kLm + ":" + kNt + ":[U"), HasSubstr("account flags"));
  EXPECT_THAT(ErrorOf(user + kLm + ":" + kNt + ":["), HasSubstr("account flags"));
  EXPECT_THAT(ErrorOf(SmbPasswd("alice", kNt, "U?")), HasSubstr("unknown account flag"));
}

TEST(AccountFile, Cve202224883AnAllZeroHashIsAnError) {
  EXPECT_EQ(ErrorOf(SmbPasswd("alice", "00000000000000000000000000000000", "U          ")),
            "accounts:1: the NT hash is all zero");
}

TEST(AccountFile, ErrorsNameFileAndLineAndNotTheContent) {
  EXPECT_EQ(ErrorOf("CORP:alice:a\n# comment\nhunter2-secret\n"),
            "accounts:3: neither DOMAIN:user:password nor an smbpasswd line");
  EXPECT_EQ(ErrorOf("CORP:hunter2"),
            "accounts:1: neither DOMAIN:user:password nor an smbpasswd line");
  EXPECT_EQ(ErrorOf("CORP::hunter2"), "accounts:1: no user name");
  EXPECT_EQ(ErrorOf(SmbPasswd("", kNt, "U")), "accounts:1: no user name");
  EXPECT_EQ(ErrorOf("CORP:alice:hunter2\xFF"), "accounts:1: not UTF-8");
  EXPECT_EQ(ErrorOf("CO\tRP:alice:hunter2"), "accounts:1: a control character in a name");
  EXPECT_EQ(ErrorOf(std::string("CORP:al\0ice:hunter2", 19)),
            "accounts:1: a control character in a name");
}

}  // namespace
}  // namespace epa::ntlm
