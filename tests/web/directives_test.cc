// What the settings of the table are called as directives.
#include "modules/web/directives.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/status_matchers.h"

namespace epa::web {
namespace {

using ::epa::test::IsOk;
using ::epa::test::StatusIs;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

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

// What there is of them is known when the site is made, and not from the word.
const std::set<std::string_view> kNamesOfThings = {
    "accounts", "audit", "spn", "dns-name", "dns-domain", "netbios-name", "netbios-domain"};

// Whatever the table gets: one line with the directive, the value, and what is expected.
TEST(DirectivesTest, EveryWrongValueIsToldInOneLine) {
  for (const service::Spelling spelling : {ApacheDirective, NginxDirective}) {
    int checked = 0;
    for (const service::Setting& setting : service::Settings()) {
      if (!IsDirective(setting) || setting.kind == service::SettingKind::kPath ||
          kNamesOfThings.contains(setting.name)) {
        continue;
      }
      const std::string directive = spelling(setting.name);
      SCOPED_TRACE(directive);
      const absl::Status status = CheckDirective(
          {.name = std::string(setting.name), .value = "no such value", .where = directive},
          spelling);
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
      EXPECT_THAT(std::string(status.message()),
                  AllOf(StartsWith(directive + " 'no such value'"), HasSubstr("expected "),
                        Not(HasSubstr("\n"))));
      ++checked;
    }
    EXPECT_GT(checked, 10);
  }
}

}  // namespace
}  // namespace epa::web
