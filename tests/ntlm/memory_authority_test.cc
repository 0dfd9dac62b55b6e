#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "epa/ntlm/authority.h"
#include "tests/ntlm/ntlm_response_maker.h"
#include "tests/ntlm/ntlm_vectors.h"

namespace epa::ntlm {
namespace {

using testing::HasSubstr;
using testing::Not;

Account MakeAccount(std::string domain, std::string user, std::string_view password) {
  return {.user = std::move(user),
          .domain = std::move(domain),
          .nt_hash = NtHashFromPassword(password).value()};
}

std::shared_ptr<const NtlmAuthority> Authority(std::vector<Account> accounts) {
  auto authority = CreateMemoryAuthority(std::move(accounts));
  EXPECT_TRUE(authority.ok()) << authority.status();
  return *std::move(authority);
}

std::string ErrorOf(std::vector<Account> accounts) {
  return std::string(CreateMemoryAuthority(std::move(accounts)).status().message());
}

TEST(MemoryAuthority, VerifiesTheRightPasswordAndGivesTheSessionKey) {
  const auto authority = Authority({MakeAccount("CORP", "alice", "secret")});
  const Logon logon("CORP", "alice", "secret");
  const auto verdict = authority->Verify(logon.Request());
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_TRUE(verdict->verified());
  EXPECT_EQ(verdict->identity().kind(), IdentityKind::kUser);
  EXPECT_EQ(verdict->identity().account()->domain, "CORP");
  EXPECT_EQ(verdict->session_base_key(), logon.SessionKey());
  EXPECT_FALSE(authority->blocks());
}

TEST(MemoryAuthority, RefusesAWrongPassword) {
  const auto authority = Authority({MakeAccount("CORP", "alice", "secret")});
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "Secret"}), Reason::kWrongPassword);
}

TEST(MemoryAuthority, RefusesAnAnswerToAnotherChallenge) {
  const auto authority = Authority({MakeAccount("CORP", "alice", "secret")});
  const Logon logon("CORP", "alice", "secret");
  LogonRequest request = logon.Request();
  request.server_challenge[7] ^= 1;
  EXPECT_EQ(authority->Verify(request)->refusal(), Reason::kWrongPassword);
}

TEST(MemoryAuthority, EveryOctetOfTheResponseCounts) {
  const auto authority = Authority({MakeAccount("CORP", "alice", "secret")});
  const Logon logon("CORP", "alice", "secret");
  for (size_t i = 0; i < logon.Request().nt_response.size(); ++i) {
    Logon altered = logon;
    altered.response()[i] ^= 0x80;
    EXPECT_EQ(RefusalOf(*authority, altered), Reason::kWrongPassword) << i;
  }
}

TEST(GuestAuthority, OnlyWhomNobodyKnowsBecomesAGuest) {
  Account disabled = MakeAccount("CORP", "bob", "secret");
  disabled.disabled = true;
  const auto authority =
      CreateGuestAuthority(Authority({MakeAccount("CORP", "alice", "secret"), disabled}));
  const auto user = authority->Verify(Logon("CORP", "alice", "secret").Request());
  EXPECT_TRUE(user->verified());
  EXPECT_EQ(user->identity().kind(), IdentityKind::kUser);
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "Secret"}), Reason::kWrongPassword);
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "bob", "secret"}), Reason::kAccountDisabled);
  const auto guest = authority->Verify(Logon("CORP", "mallory", "secret").Request());
  EXPECT_TRUE(guest->verified());
  EXPECT_EQ(guest->identity().kind(), IdentityKind::kGuest);
  EXPECT_EQ(guest->session_base_key(), Secret<16>());
  EXPECT_FALSE(authority->blocks());
}

TEST(GuestAuthority, AFaultMakesNobodyAGuest) {
  class Broken final : public NtlmAuthority {
    absl::StatusOr<LogonVerdict> Verify(const LogonRequest& /*request*/) const override {
      return absl::UnavailableError("unreachable");
    }
    bool blocks() const override { return true; }
  };
  const auto authority = CreateGuestAuthority(std::make_shared<const Broken>());
  EXPECT_FALSE(authority->Verify(Logon("CORP", "mallory", "secret").Request()).ok());
  EXPECT_TRUE(authority->blocks());
}

TEST(MemoryAuthority, UnknownUserIsRefusedByName) {
  const auto authority = Authority({MakeAccount("CORP", "alice", "secret")});
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "mallory", "secret"}), Reason::kUnknownUser);
  EXPECT_EQ(RefusalOf(*Authority({}), {"", "", ""}), Reason::kUnknownUser);
}

// The hash that stands in for an unknown account's is in the source: knowing it helps nobody.
TEST(MemoryAuthority, ProofOverTheStandInHashDoesNotLetAnUnknownUserIn) {
  const auto authority = Authority({});
  Logon logon("CORP", "mallory", "");
  const LogonRequest request = logon.Request();
  const Secret<16> ntowf = NtowfV2(NtHash{std::array<uint8_t, 16>{1}},
                                   Utf8ToUtf16Le("mallory").value(), Utf8ToUtf16Le("CORP").value());
  const Secret<16> proof =
      NtProof(ntowf, request.server_challenge, request.nt_response.subspan(16));
  std::copy(proof.Expose().begin(), proof.Expose().end(), logon.response().begin());
  EXPECT_EQ(RefusalOf(*authority, logon), Reason::kUnknownUser);
}

TEST(MemoryAuthority, DisabledAccountIsRefusedEvenWithTheRightPassword) {
  Account account = MakeAccount("CORP", "alice", "secret");
  account.disabled = true;
  const auto authority = Authority({account});
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "secret"}), Reason::kAccountDisabled);
}

// Names.

// Everybody computes NTOWFv2 over the upper case of the name, and not all by the same table.
TEST(MemoryAuthority, ProofsOverEveryUsualUpperCaseOfANameAreRight) {
  int others = 0;
  for (const auto& entry : ReadEntries("ntowfv2_names.json")) {
    const auto user = entry["user"].get<std::string>();
    const auto domain = entry["domain"].get<std::string>();
    const auto password = entry["password"].get<std::string>();
    const auto authority = Authority({MakeAccount(domain, user, password)});
    EXPECT_EQ(RefusalOf(*authority, {domain, user, password}), Reason::kNone) << user;
    for (const auto& upper : entry["other_uppers"]) {
      const Logon logon(domain, user, password, upper.get<std::string>());
      const auto verdict = authority->Verify(logon.Request());
      ASSERT_TRUE(verdict.ok()) << verdict.status();
      EXPECT_TRUE(verdict->verified()) << user;
      EXPECT_EQ(verdict->session_base_key(), logon.SessionKey()) << user;
      const Logon wrong(domain, user, password + "!", upper.get<std::string>());
      EXPECT_EQ(RefusalOf(*authority, wrong), Reason::kWrongPassword) << user;
      ++others;
    }
  }
  EXPECT_EQ(others, 4);
}

TEST(MemoryAuthority, NamesCompareWithoutCaseInEveryScript) {
  const auto authority =
      Authority({MakeAccount("Corp", "Alice", "a"), MakeAccount("ДОМЕН", "юзер", "b"),
                 MakeAccount("CORP", std::string(200, 'x'), "c")});
  EXPECT_EQ(RefusalOf(*authority, {"cORP", "aLICE", "a"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"домен", "ЮЗЕР", "b"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"corp", std::string(200, 'X'), "c"}), Reason::kNone);
}

TEST(MemoryAuthority, OtherDomainDoesNotFindAnAccountThatHasOne) {
  const auto authority = Authority({MakeAccount("CORP", "alice", "secret")});
  EXPECT_EQ(RefusalOf(*authority, {"OTHER", "alice", "secret"}), Reason::kUnknownUser);
}

TEST(MemoryAuthority, AccountWithoutDomainAnswersToAnyDomain) {
  const auto authority = Authority({MakeAccount("", "alice", "secret")});
  EXPECT_EQ(RefusalOf(*authority, {"ANY", "alice", "secret"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"", "alice", "secret"}), Reason::kNone);
}

TEST(MemoryAuthority, AccountOfTheDomainComesBeforeOneWithoutDomain) {
  const auto authority =
      Authority({MakeAccount("", "alice", "any"), MakeAccount("CORP", "alice", "corp")});
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "corp"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "any"}), Reason::kWrongPassword);
  EXPECT_EQ(RefusalOf(*authority, {"OTHER", "alice", "any"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"", "alice", "any"}), Reason::kNone);
}

TEST(MemoryAuthority, UserWithoutDomainFindsTheOnlyAccountOfThatName) {
  const auto authority =
      Authority({MakeAccount("CORP", "alice", "secret"), MakeAccount("CORP", "bob", "one"),
                 MakeAccount("OTHER", "BOB", "two")});
  EXPECT_EQ(RefusalOf(*authority, {"", "alice", "secret"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"", "bob", "one"}), Reason::kUnknownUser);
  EXPECT_EQ(RefusalOf(*authority, {"", "bob", "two"}), Reason::kUnknownUser);
}

TEST(MemoryAuthority, NamesInTheUserFieldAreTakenApart) {
  const auto authority =
      Authority({MakeAccount("CORP", "alice", "a"), MakeAccount("corp.example", "bob", "b"),
                 MakeAccount("OTHER", "alice", "c"), MakeAccount("", "d@ve", "d")});
  EXPECT_EQ(RefusalOf(*authority, {"", "corp\\ALICE", "a"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"", "alice@CORP", "a"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"", "bob@CORP.example", "b"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"", "d@ve", "d"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"", "d@ve@anywhere", "d"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"", "alice@NOWHERE", "a"}), Reason::kUnknownUser);
}

TEST(MemoryAuthority, NamesInTheUserFieldAreNotTakenApartWhereADomainIsGiven) {
  const auto authority = Authority({MakeAccount("CORP", "alice", "a")});
  EXPECT_EQ(RefusalOf(*authority, {"X", "CORP\\alice", "a"}), Reason::kUnknownUser);
  EXPECT_EQ(RefusalOf(*authority, {"X", "alice@CORP", "a"}), Reason::kUnknownUser);
}

TEST(MemoryAuthority, NulInAClientsNameDoesNotMoveTheBorderOfDomainAndUser) {
  const auto authority = Authority({MakeAccount("CORP", "alice", "a")});
  const std::string joined("CORP\0alice", 10);
  EXPECT_EQ(RefusalOf(*authority, {"", joined, "a"}), Reason::kUnknownUser);
  EXPECT_EQ(RefusalOf(*authority, {joined, "", "a"}), Reason::kUnknownUser);
  EXPECT_EQ(RefusalOf(*authority, {"CORP", std::string("alice\0", 6), "a"}), Reason::kUnknownUser);
}

TEST(MemoryAuthority, TextThatIsNotUtf8IsRefused) {
  const auto authority = Authority({MakeAccount("CORP", "alice", "a")});
  const Logon logon("CORP", "alice", "a");
  LogonRequest request = logon.Request();
  request.user = "alice\xFF";
  EXPECT_EQ(authority->Verify(request)->refusal(), Reason::kMalformedToken);
}

// Accounts that cannot be right.

TEST(MemoryAuthority, RefusesANameThatOccursTwice) {
  EXPECT_EQ(ErrorOf({MakeAccount("CORP", "alice", "a"), MakeAccount("corp", "ALICE", "b")}),
            "account corp\\ALICE occurs twice");
  EXPECT_EQ(ErrorOf({MakeAccount("", "alice", "a"), MakeAccount("", "Alice", "b")}),
            "account Alice occurs twice");
}

TEST(MemoryAuthority, RefusesAccountsWithoutUsableNames) {
  EXPECT_EQ(ErrorOf({MakeAccount("CORP", "", "a")}), "an account has no user name");
  EXPECT_THAT(ErrorOf({MakeAccount("CORP", "a\xFF", "a")}), HasSubstr("not UTF-8"));
  EXPECT_THAT(ErrorOf({MakeAccount(std::string("C\0", 2), "a", "a")}), HasSubstr("NUL"));
}

// CVE-2022-24882, CVE-2022-24883: a hash that was never read matched.
TEST(MemoryAuthority, Cve202224882AnAllZeroHashIsRefused) {
  EXPECT_THAT(ErrorOf({{.user = "alice", .domain = "CORP", .nt_hash = {}}}), HasSubstr("all zero"));
  const auto authority =
      Authority({{.user = "alice", .domain = "CORP", .nt_hash = {}, .disabled = true}});
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", ""}), Reason::kAccountDisabled);
}

TEST(VerifyWithNtHashTest, Cve202224883AnAllZeroHashIsAFaultAndNeverSuccess) {
  Logon logon("CORP", "alice", "");
  const LogonRequest request = logon.Request();
  const Secret<16> ntowf =
      NtowfV2(NtHash(), Utf8ToUtf16Le("alice").value(), Utf8ToUtf16Le("CORP").value());
  const Secret<16> proof =
      NtProof(ntowf, request.server_challenge, request.nt_response.subspan(16));
  std::copy(proof.Expose().begin(), proof.Expose().end(), logon.response().begin());
  EXPECT_FALSE(VerifyWithNtHash(NtHash(), logon.Request(), SomeAccount()).ok());
}

// CVE-2023-0210: the length less 16 of a response shorter than that.
TEST(VerifyWithNtHashTest, Cve20230210ShortResponsesAreRefused) {
  const NtHash hash = NtHashFromPassword("secret").value();
  for (size_t size = 0; size < 16 + 28 + 4; ++size) {
    Logon logon("CORP", "alice", "secret");
    logon.response().resize(size);
    const auto verdict = VerifyWithNtHash(hash, logon.Request(), SomeAccount());
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    EXPECT_EQ(verdict->refusal(), size == 24 ? Reason::kNtlmV1Refused : Reason::kMalformedToken)
        << size;
  }
}

// A prefix of a response that would be a valid proof over the shorter text stays too short.
TEST(VerifyWithNtHashTest, ShortResponseWithAMatchingProofIsRefused) {
  Logon logon("CORP", "alice", "secret");
  const NtHash hash = NtHashFromPassword("secret").value();
  const Secret<16> ntowf =
      NtowfV2(hash, Utf8ToUtf16Le("alice").value(), Utf8ToUtf16Le("CORP").value());
  const Secret<16> proof = NtProof(ntowf, logon.Request().server_challenge, {});
  logon.response().assign(proof.Expose().begin(), proof.Expose().end());
  EXPECT_EQ(VerifyWithNtHash(hash, logon.Request(), SomeAccount())->refusal(),
            Reason::kMalformedToken);
}

TEST(MemoryAuthority, ShortResponsesAreMalformedForUnknownUsersToo) {
  const auto authority = Authority({});
  Logon logon("CORP", "mallory", "secret");
  logon.response().resize(8);
  EXPECT_EQ(RefusalOf(*authority, logon), Reason::kMalformedToken);
}

TEST(MemoryAuthority, HundredThousandAccounts) {
  std::vector<Account> accounts;
  const NtHash shared = NtHashFromPassword("same").value();
  for (int i = 0; i < 100'000; ++i) {
    accounts.push_back({.user = "user" + std::to_string(i), .domain = "CORP", .nt_hash = shared});
  }
  accounts[77'777].nt_hash = NtHashFromPassword("other").value();
  const auto authority = Authority(std::move(accounts));
  EXPECT_EQ(RefusalOf(*authority, {"corp", "USER0", "same"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"corp", "USER99999", "same"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"", "user77777", "other"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"corp", "user77777", "same"}), Reason::kWrongPassword);
  EXPECT_EQ(RefusalOf(*authority, {"corp", "user100000", "same"}), Reason::kUnknownUser);
}

}  // namespace
}  // namespace epa::ntlm
