// What the settings of the table are called as directives.
#include "modules/web/directives.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace epa::web {
namespace {

using ::epa::test::IsOk;
using ::epa::test::StatusIs;
using ::testing::Contains;
using ::testing::Each;
using ::testing::MatchesRegex;
using ::testing::Not;

std::vector<std::string> Names(service::Spelling spelling) {
  std::vector<std::string> names;
  for (const service::Setting& setting : service::Settings()) {
    if (IsDirective(setting)) {
      names.push_back(spelling(setting.name));
    }
  }
  return names;
}

TEST(DirectivesTest, AreSpelledAsTheHostDoes) {
  EXPECT_EQ(ApacheDirective("extended-protection"), "EpaExtendedProtection");
  EXPECT_EQ(ApacheDirective("krb5-config"), "EpaKrb5Config");
  EXPECT_EQ(NginxDirective("authenticate-each-request"), "auth_epa_authenticate_each_request");
  EXPECT_THAT(Names(ApacheDirective), Each(MatchesRegex("Epa([A-Z][a-z0-9]*)+")));
  EXPECT_THAT(Names(NginxDirective), Each(MatchesRegex("auth_epa(_[a-z0-9]+)+")));
}

TEST(DirectivesTest, AreTheSettingsOfAWebServer) {
  const std::vector<std::string> names = Names(ApacheDirective);
  for (const char* name : {"EpaAccounts", "EpaKeytab", "EpaSpn", "EpaScenario", "EpaRequireMic",
                           "EpaAudit", "EpaRegistry", "EpaUserName", "EpaUndefinedHash"}) {
    EXPECT_THAT(names, Contains(name));
  }
  // The server has its own, or they are another protocol's.
  for (const char* name :
       {"EpaCert", "EpaKey", "EpaCertificateRollOver", "EpaListen", "EpaWorkers",
        "EpaMaxConnections", "EpaLoginTime", "EpaGss", "EpaExecutable", "EpaShare", "EpaSigning"}) {
    EXPECT_THAT(names, Not(Contains(name)));
  }
}

TEST(DirectivesTest, SwitchesAreOnAndOff) {
  const service::Setting& mic = *service::FindSetting("require-mic");
  EXPECT_EQ(SettingValue(mic, "On"), "yes");
  EXPECT_EQ(SettingValue(mic, "off"), "no");
  EXPECT_EQ(SettingValue(mic, "yes"), "yes");
  EXPECT_EQ(SettingValue(mic, "2"), "2");
  EXPECT_EQ(SettingValue(*service::FindSetting("spn"), "on"), "on");
}

TEST(DirectivesTest, OneValueIsCheckedByItself) {
  const auto check = [](std::string name, std::string value) {
    return CheckDirective({.name = name, .value = value, .where = ApacheDirective(name)},
                          ApacheDirective);
  };
  EXPECT_THAT(check("extended-protection", "require"), IsOk());
  EXPECT_THAT(check("accounts", "/nowhere"), IsOk());
  EXPECT_THAT(check("extended-protection", "3"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "EpaExtendedProtection '3': expected 0, 1, 2, legacy, allow or require"));
}

}  // namespace
}  // namespace epa::web
