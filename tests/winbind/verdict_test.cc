#include "lib/winbind/verdict.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace epa::winbind {
namespace {

Answer Alice() {
  Answer answer;
  answer.user = "alice";
  answer.domain = "CORP";
  answer.dns_domain = "corp.example.com";
  answer.principal = "alice@corp.example.com";
  answer.session_key = Secret<16>(std::array<uint8_t, 16>{7});
  answer.sids = {"S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-1200"};
  return answer;
}

TEST(Verdict, OfAVerifiedAccountHasItsNamesAndSids) {
  const auto verdict = VerdictOf(Alice(), "", {});
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  ASSERT_TRUE(verdict->verified());
  EXPECT_EQ(verdict->session_base_key(), Alice().session_key);
  const AccountIdentity& account = *verdict->identity().account();
  EXPECT_EQ(account.user, "alice");
  EXPECT_EQ(account.domain, "CORP");
  EXPECT_EQ(account.dns_domain, "corp.example.com");
  EXPECT_FALSE(account.local);
  EXPECT_EQ(account.authorization->user_sid, "S-1-5-21-1-2-3-1104");
  EXPECT_EQ(account.authorization->group_sids,
            (std::vector<std::string>{"S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-1200"}));
  EXPECT_EQ(account.authorization->principal, "alice@corp.example.com");
}

TEST(Verdict, EveryRefusalHasItsReason) {
  const std::vector<std::pair<uint32_t, Reason>> rows = {
      {0xC000006A, Reason::kWrongPassword},      {0xC0000064, Reason::kUnknownUser},
      {0xC0000072, Reason::kAccountDisabled},    {0xC0000234, Reason::kAccountLockedOut},
      {0xC0000193, Reason::kAccountExpired},     {0xC0000071, Reason::kPasswordExpired},
      {0xC0000224, Reason::kPasswordMustChange}, {0xC000006F, Reason::kLogonHours},
      {0xC0000070, Reason::kWorkstationRefused}, {0xC000018C, Reason::kTrustFailed},
      {0xC00002FA, Reason::kAccountRestricted},  {0xC0000199, Reason::kAccountIsComputer},
      {0xC0000418, Reason::kNtlmBlocked}};
  for (const auto& [status, reason] : rows) {
    Answer answer = Alice();
    answer.nt_status = status;
    const auto verdict = VerdictOf(answer, "", {});
    ASSERT_TRUE(verdict.ok()) << std::hex << status;
    EXPECT_EQ(verdict->refusal(), reason) << std::hex << status;
    EXPECT_EQ(verdict->identity().account(), nullptr);
    if (reason != Reason::kAccountIsComputer && reason != Reason::kTrustFailed &&
        reason != Reason::kAccountRestricted) {
      EXPECT_EQ(NtStatusOf(reason), status);
    }
  }
}

// No controller, no trust in this machine, no permission, values nobody knows.
TEST(Verdict, WhatJudgesNobodyIsAFaultAndNeverARefusal) {
  for (const uint32_t status : {0xC000005Eu, 0xC000018Au, 0xC000018Bu, 0xC000018Du, 0xC0000022u,
                                0xC00000B5u, 0xC0000001u, 0x00000103u, 0xFFFFFFFFu}) {
    Answer answer = Alice();
    answer.nt_status = status;
    EXPECT_TRUE(absl::IsUnavailable(VerdictOf(answer, "", {}).status())) << std::hex << status;
  }
}

TEST(Verdict, ARefusalForNamesThatAreAnothersSaysSo) {
  for (const auto& [status, expected] :
       std::vector<std::pair<uint32_t, bool>>{{0xC000006D, true}, {0xC000006A, false}}) {
    Answer answer = Alice();
    answer.nt_status = status;
    const auto verdict = VerdictOf(answer, "", {});
    EXPECT_EQ(verdict->refusal(), Reason::kWrongPassword);
    EXPECT_EQ(verdict->detail().find("another computer's names") != std::string::npos, expected);
  }
}

TEST(Verdict, AFaultTellsTheOperatorWhatToDo) {
  for (const auto& [status, hint] :
       std::vector<std::pair<uint32_t, std::string>>{{0xC000005E, "no domain controller"},
                                                     {0xC0000133, "clock"},
                                                     {0xC000018A, "net ads join"},
                                                     {0xC000018B, "net ads join"},
                                                     {0xC000018D, "net ads testjoin"},
                                                     {0xC0000001, "NTSTATUS 0xC0000001"}}) {
    Answer answer = Alice();
    answer.nt_status = status;
    EXPECT_NE(VerdictOf(answer, "", {}).status().message().find(hint), std::string::npos) << hint;
  }
}

TEST(Verdict, OnlySomeFaultsMeanThatNoControllerIsThere) {
  for (const auto& [status, expected] :
       std::vector<std::pair<uint32_t, bool>>{{0, false},
                                              {0xC000006A, false},
                                              {0xC00000D0, false},
                                              {0xC000018B, false},
                                              {0xC000005E, true},
                                              {0xC0000233, true},
                                              {0xC00000B5, true},
                                              {0xC0020017, true}}) {
    Answer answer = Alice();
    answer.nt_status = status;
    EXPECT_EQ(HasNoController(answer), expected) << std::hex << status;
  }
  Answer cached = Alice();
  cached.user_flags = 0x4;
  EXPECT_TRUE(HasNoController(cached));
}

TEST(Verdict, AnAnswerThatProvesNothingIsAFault) {
  for (const auto& spoil : std::vector<void (*)(Answer&)>{
           [](Answer& answer) { answer.session_key = Secret<16>(); },
           [](Answer& answer) { answer.user.clear(); }, [](Answer& answer) { answer.sids.clear(); },
           [](Answer& answer) { answer.user_flags = 0x4; }}) {
    Answer answer = Alice();
    spoil(answer);
    EXPECT_TRUE(absl::IsUnavailable(VerdictOf(answer, "", {}).status()));
  }
}

TEST(Verdict, AGuestOfTheDomainIsAGuest) {
  Answer answer = Alice();
  answer.user_flags = 0x1;
  EXPECT_EQ(VerdictOf(answer, "", {})->identity().kind(), IdentityKind::kGuest);
  // But of no domain and no group that is asked for.
  EXPECT_EQ(VerdictOf(answer, "CORP", {})->refusal(), Reason::kUnknownUser);
  const std::vector<std::string> staff = {"S-1-5-21-1-2-3-1200"};
  EXPECT_EQ(VerdictOf(answer, "", staff)->refusal(), Reason::kUnknownUser);
}

TEST(Verdict, OnlyTheDomainThatWasAskedFor) {
  for (const std::string domain : {"CORP", "corp", "Corp.Example.Com"}) {
    EXPECT_TRUE(VerdictOf(Alice(), domain, {})->verified()) << domain;
  }
  EXPECT_EQ(VerdictOf(Alice(), "OTHER", {})->refusal(), Reason::kUnknownUser);
}

TEST(Verdict, OnlyMembersWhereAGroupIsRequired) {
  const std::vector<std::string> staff = {"S-1-5-21-9-9-9-1", "S-1-5-21-1-2-3-1200"};
  EXPECT_TRUE(VerdictOf(Alice(), "", staff)->verified());
  const std::vector<std::string> others = {"S-1-5-21-1-2-3-120"};
  EXPECT_EQ(VerdictOf(Alice(), "", others)->refusal(), Reason::kAccountRestricted);
}

}  // namespace
}  // namespace epa::winbind
