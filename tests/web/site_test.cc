// What an administrator said in several places, and what is made of it.
#include "modules/web/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "modules/web/directives.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::web {
namespace {

using ::epa::test::StatusIs;
using ::testing::HasSubstr;

service::GivenSetting Given(std::string name, std::string value) {
  return {.name = name, .value = std::move(value), .where = "a.conf:1: " + ApacheDirective(name)};
}

class SiteTest : public ::testing::Test {
 protected:
  SiteTest() { folder_.Write("accounts", "DEMO:alice:secret\n"); }
  service::GivenSetting Accounts() { return Given("accounts", folder_.File("accounts")); }
  SiteSettings Settings(std::vector<service::GivenSetting> more = {}) {
    SiteSettings settings;
    settings.given = {Accounts()};
    for (service::GivenSetting& given : more) {
      settings.given.push_back(std::move(given));
    }
    return settings;
  }

  test::TemporaryFolder folder_;
  Sites sites_{ApacheDirective, nullptr};
};

TEST_F(SiteTest, HasWhatItsSettingsSay) {
  const auto site = sites_.Get(Settings({Given("extended-protection", "1")}));
  ASSERT_OK(site);
  EXPECT_EQ((*site)->parts().policy->mode(), ExtendedProtectionMode::kAllow);
  EXPECT_FALSE((*site)->authentication(false)->options().proxy);
  EXPECT_TRUE((*site)->authentication(true)->options().proxy);
  ASSERT_EQ((*site)->authentication(false)->options().schemes.size(), 2u);
  EXPECT_EQ((*site)->authentication(false)->options().schemes[0].name, "Negotiate");
  EXPECT_EQ((*site)->authentication(false)->options().schemes[1].name, "NTLM");
}

TEST_F(SiteTest, TheSameSettingsAreOneSite) {
  const web::Site* const one = sites_.Get(Settings()).value();
  SiteSettings elsewhere = Settings();
  elsewhere.given.front().where = "b.conf:9: EpaAccounts";
  EXPECT_EQ(sites_.Get(elsewhere).value(), one);
  EXPECT_NE(sites_.Get(Settings({Given("require-mic", "yes")})).value(), one);
}

TEST_F(SiteTest, AccountsAreReadOnceForAllSites) {
  const web::Site* const one = sites_.Get(Settings()).value();
  const web::Site* const stricter = sites_.Get(Settings({Given("require-mic", "yes")})).value();
  EXPECT_EQ(one->parts().packages.authority, stricter->parts().packages.authority);
  folder_.Write("others", "DEMO:bob:secret\n");
  SiteSettings others;
  others.given = {Given("accounts", folder_.File("others"))};
  EXPECT_NE(sites_.Get(others).value()->parts().packages.authority,
            one->parts().packages.authority);
}

TEST_F(SiteTest, ASectionStandsOnItsServer) {
  SiteSettings section;
  section.given = {Given("extended-protection", "0")};
  const auto site = sites_.Get(Inherit(Settings({Given("extended-protection", "2")}), section));
  ASSERT_OK(site);
  EXPECT_EQ((*site)->parts().policy->mode(), ExtendedProtectionMode::kLegacy);
}

TEST_F(SiteTest, WhatIsInheritedAndOfNoUseIsNoError) {
  SiteSettings section;
  section.given = {Accounts()};
  SiteSettings server;
  server.given = {Given("exclusive-key", "yes")};
  EXPECT_OK(sites_.Get(Inherit(server, section)));
  section.given.push_back(Given("exclusive-key", "yes"));
  EXPECT_THAT(sites_.Get(section),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "a.conf:1: EpaExclusiveKey: of use with EpaKeytab only"));
}

TEST_F(SiteTest, FaultsSayWhereAndWhat) {
  EXPECT_THAT(sites_.Get({}), StatusIs(absl::StatusCode::kInvalidArgument,
                                       "EpaAccounts (NTLM) or EpaKeytab (Kerberos) is needed"));
  EXPECT_THAT(sites_.Get(Settings({Given("require-mic", "no"), Given("require-mic", "yes")})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expected once")));
  EXPECT_THAT(sites_.Get(Settings({Given("listen", "127.0.0.1:1")})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("EpaListen: the web server has such a setting of its own")));
}

TEST(FileReportTest, WhatRootAloneMayReadIsNoAlarm) {
  EXPECT_EQ(ReportOn("keytab", absl::OkStatus()).text, "keytab: read again");
  EXPECT_FALSE(ReportOn("keytab", absl::OkStatus()).alarming);
  EXPECT_FALSE(ReportOn("keytab", absl::PermissionDeniedError("k: no")).alarming);
  const FileReport damaged = ReportOn("accounts", absl::InvalidArgumentError("a:1: bad"));
  EXPECT_TRUE(damaged.alarming);
  EXPECT_EQ(damaged.text, "accounts: a:1: bad; what was read before stays in use");
}

TEST_F(SiteTest, AFileIsReadAndDirectivesWin) {
  folder_.Write("epa.conf",
                "[http]\naccounts = accounts\nextended-protection = 1\n"
                "[http strict]\naccounts = accounts\n");
  SiteSettings settings;
  settings.configuration = folder_.File("epa.conf");
  EXPECT_EQ(sites_.Get(settings).value()->parts().policy->mode(), ExtendedProtectionMode::kAllow);
  settings.service = "strict";
  EXPECT_EQ(sites_.Get(settings).value()->parts().policy->mode(), ExtendedProtectionMode::kRequire);
  settings.given = {Given("extended-protection", "0")};
  EXPECT_EQ(sites_.Get(settings).value()->parts().policy->mode(), ExtendedProtectionMode::kLegacy);
}

}  // namespace
}  // namespace epa::web
