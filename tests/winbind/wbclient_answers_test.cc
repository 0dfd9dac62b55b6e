// What libwbclient says, and what becomes of it.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "lib/winbind/client.h"
#include "tests/winbind/fake_wbclient.h"

namespace epa::winbind {
namespace {

constexpr uint32_t kMember = WBC_SID_ATTR_GROUP_MANDATORY | WBC_SID_ATTR_GROUP_ENABLED_BY_DEFAULT |
                             WBC_SID_ATTR_GROUP_ENABLED;

wbcSidWithAttr Sid(std::initializer_list<uint32_t> parts, uint32_t attributes = kMember) {
  wbcSidWithAttr sid{};
  sid.sid.sid_rev_num = 1;
  sid.sid.id_auth[5] = 5;
  sid.sid.num_auths = static_cast<uint8_t>(parts.size());
  std::ranges::copy(parts, sid.sid.sub_auths);
  sid.attributes = attributes;
  return sid;
}

class WbclientAnswersTest : public ::testing::Test {
 protected:
  WbclientAnswersTest() {
    fake_ = {};
    fake_.info.account_name = user_.data();
    fake_.info.domain_name = domain_.data();
    std::ranges::fill(fake_.info.user_session_key, uint8_t{7});
    fake_.sids = {Sid({21, 1, 2, 3, 1104}), Sid({21, 1, 2, 3, 513})};
  }
  ~WbclientAnswersTest() override {
    EXPECT_EQ(fake_.contexts, 0);
    EXPECT_EQ(fake_.results, 0);
  }

  static absl::StatusOr<Answer> Ask(const Question& question = {}) {
    const std::unique_ptr<Client> client = (*LibwbclientFactory())();
    EXPECT_TRUE(client->Connect().ok());
    return client->Authenticate(question);
  }

  FakeWbclient& fake_ = TheFakeWbclient();
  std::string user_ = "alice";
  std::string domain_ = "CORP";
};

TEST_F(WbclientAnswersTest, AnAccountHasItsNamesKeyAndSids) {
  const auto answer = Ask();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->nt_status, 0u);
  EXPECT_EQ(answer->user, "alice");
  EXPECT_EQ(answer->domain, "CORP");
  EXPECT_EQ(answer->dns_domain, "");  // null in the answer
  std::array<uint8_t, 16> key{};
  key.fill(7);
  EXPECT_EQ(answer->session_key, Secret<16>(key));
  EXPECT_EQ(answer->sids, (std::vector<std::string>{"S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-513"}));
}

TEST_F(WbclientAnswersTest, AGroupThatOnlyServesToDenyIsNoMembership) {
  fake_.sids.push_back(Sid({21, 1, 2, 3, 1200}, kMember | WBC_SID_ATTR_GROUP_USEFOR_DENY_ONLY));
  fake_.sids.push_back(Sid({21, 1, 2, 3, 1201}));
  fake_.sids.push_back(Sid({21, 1, 2, 3, 513}));  // again
  EXPECT_EQ(Ask()->sids, (std::vector<std::string>{"S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-513",
                                                   "S-1-5-21-1-2-3-1201"}));
}

TEST_F(WbclientAnswersTest, TheMachineIsCalledAsItsDomainCallsIt) {
  std::string computer = "SRV1";
  std::string domain = "CORP";
  std::string dns = "corp.example.com";
  fake_.machine.netbios_name = computer.data();
  fake_.machine.netbios_domain = domain.data();
  const std::unique_ptr<Client> client = (*LibwbclientFactory())();
  auto names = client->MachineNames();
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(names->netbios_computer, "SRV1");
  EXPECT_EQ(names->netbios_domain, "CORP");
  EXPECT_EQ(names->dns_domain, "");  // of a domain as before Active Directory
  EXPECT_EQ(names->dns_computer, "");
  fake_.machine.dns_domain = dns.data();
  names = client->MachineNames();
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(names->dns_domain, "corp.example.com");
  EXPECT_EQ(names->dns_computer, "srv1.corp.example.com");
  fake_.details = WBC_ERR_WINBIND_NOT_AVAILABLE;
  EXPECT_TRUE(absl::IsUnavailable(client->MachineNames().status()));
}

TEST_F(WbclientAnswersTest, ANameHasTheSidThatTheDomainSays) {
  const std::unique_ptr<Client> client = (*LibwbclientFactory())();
  const auto sid = client->LookUp("CORP\\Web Users");
  ASSERT_TRUE(sid.ok()) << sid.status();
  EXPECT_EQ(*sid, "S-1-5-21-1-2-3-1104");
  EXPECT_EQ(fake_.looked_up, "CORP/Web Users");
  EXPECT_TRUE(absl::IsInvalidArgument(client->LookUp("Web Users").status()));
  fake_.look_up = WBC_ERR_DOMAIN_NOT_FOUND;  // Samba's answer for a name as well
  EXPECT_TRUE(absl::IsInvalidArgument(client->LookUp("CORP\\Nobody").status()));
  fake_.look_up = WBC_ERR_WINBIND_NOT_AVAILABLE;
  EXPECT_TRUE(absl::IsUnavailable(client->LookUp("CORP\\Nobody").status()));
}

// [MS-DTYP] 2.3.4.2: 48 bits, most significant octet first; no more than 15 sub-authorities.
TEST_F(WbclientAnswersTest, SidsAreReadWithinTheirLimits) {
  wbcSidWithAttr odd = Sid({0xFFFFFFFF});
  odd.sid.id_auth[0] = 1;
  wbcSidWithAttr long_one = Sid({});
  long_one.sid.num_auths = 255;
  fake_.sids = {odd, long_one};
  std::string fifteen = "S-1-5";
  for (int i = 0; i < 15; ++i) {
    fifteen += "-0";
  }
  EXPECT_EQ(Ask()->sids, (std::vector<std::string>{"S-1-1099511627781-4294967295", fifteen}));
}

TEST_F(WbclientAnswersTest, ASuccessWithoutAnAccountIsAFault) {
  fake_.has_info = false;
  EXPECT_TRUE(absl::IsUnavailable(Ask().status()));
}

TEST_F(WbclientAnswersTest, ARefusalHasTheControllersStatus) {
  fake_.authenticate = WBC_ERR_AUTH_ERROR;
  fake_.has_refusal = true;
  fake_.nt_status = 0xC000006A;
  EXPECT_EQ(Ask()->nt_status, 0xC000006A);
}

TEST_F(WbclientAnswersTest, ARefusalWithoutAStatusIsAFaultAndNoSuccess) {
  fake_.authenticate = WBC_ERR_AUTH_ERROR;
  EXPECT_TRUE(absl::IsUnavailable(Ask().status()));
  fake_.has_refusal = true;
  EXPECT_TRUE(absl::IsUnavailable(Ask().status()));
}

TEST_F(WbclientAnswersTest, WhoMayNotAskHearsOfTheGroup) {
  fake_.authenticate = WBC_ERR_WINBIND_NOT_AVAILABLE;
  EXPECT_NE(Ask().status().message().find("winbindd_priv"), std::string::npos);
  const std::unique_ptr<Client> client = (*LibwbclientFactory())();
  fake_.ping = WBC_ERR_WINBIND_NOT_AVAILABLE;
  EXPECT_EQ(client->Authenticate({}).status().message().find("winbindd_priv"), std::string::npos);
  EXPECT_TRUE(absl::IsUnavailable(client->Connect()));
}

TEST_F(WbclientAnswersTest, ComputersAreAskedForByOptionAlone) {
  EXPECT_TRUE(Ask({.domain = "CORP"}).ok());
  EXPECT_EQ(fake_.parameter_control, 0u);
  EXPECT_EQ(fake_.domain, "CORP");
  EXPECT_TRUE(Ask({.allow_computer_accounts = true}).ok());
  EXPECT_EQ(fake_.parameter_control,
            static_cast<uint32_t>(WBC_MSV1_0_ALLOW_WORKSTATION_TRUST_ACCOUNT |
                                  WBC_MSV1_0_ALLOW_SERVER_TRUST_ACCOUNT));
}

TEST_F(WbclientAnswersTest, TenThousandLoginsLeaveNothingBehind) {
  constexpr int kLogins = 10'000;
  constexpr int kFirst = 100;
  size_t octets = 0;
  for (int i = 0; i < kLogins; ++i) {
    if (i == kFirst) {
      octets = mallinfo2().uordblks;
    }
    ASSERT_TRUE(Ask().ok());
  }
  EXPECT_LE(mallinfo2().uordblks, octets + 4096);
}

}  // namespace
}  // namespace epa::winbind
