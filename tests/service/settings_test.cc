// The table: every setting takes what it says, and refuses the rest in one line that says where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "epa/service/service_settings.h"
#include "epa/service/setting.h"
#include "tests/support/status_matchers.h"

namespace epa::service {
namespace {

using ::epa::test::IsOk;
using ::epa::test::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

GivenSetting Given(std::string_view name, std::string_view value, int line = 1) {
  return {std::string(name), std::string(value),
          "epa.conf:" + std::to_string(line) + ": " + std::string(name), "", false};
}

Protocol ProtocolOf(const Setting& setting) {
  for (const Protocol protocol : kProtocols) {
    if (IsSettingOf(setting, protocol)) {
      return protocol;
    }
  }
  return Protocol::kOther;
}

absl::StatusOr<ServiceSettings> Read(std::vector<GivenSetting> given,
                                     Protocol protocol = Protocol::kHttp) {
  return ReadSettings(protocol, given);
}

absl::Status ReadOne(const Setting& setting, std::string_view value) {
  return Read({Given(setting.name, value)}, ProtocolOf(setting)).status();
}

struct Values {
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

// Beside the empty text and what is not one line, which nothing takes.
const std::map<std::string_view, Values>& AllValues() {
  static const auto& values = *new std::map<std::string_view, Values>{
      {"package", {{"Negotiate", "NTLM", "Kerberos"}, {"negotiate", "Digest", "NTLM "}}},
      {"accounts", {{"/a", "file:/a", "winbind:", "winbind:DOM", "C:odd"}, {"file:"}}},
      {"keytab", {{"/etc/krb5.keytab"}, {}}},
      {"exclusive-key", {{"yes", "no"}, {"1", "true", "Yes", "on"}}},
      {"require-pac", {{"yes", "no"}, {"0"}}},
      {"allow-weak-encryption", {{"yes", "no"}, {"maybe"}}},
      {"krb5-config", {{"/etc/krb5.conf"}, {}}},
      {"netbios-name", {{"WEB"}, {}}},
      {"netbios-domain", {{"EXAMPLE"}, {}}},
      {"dns-name", {{"web.example.com"}, {}}},
      {"dns-domain", {{"example.com"}, {}}},
      {"extended-protection",
       {{"0", "1", "2", "legacy", "allow", "require"}, {"3", "-1", "02", "Require", "2 "}}},
      {"scenario", {{"tls", "proxy", "clear"}, {"TLS", "none"}}},
      {"flag",
       {{"proxy-cohosting", "no-service-name-check", "service-name-on-tls", "allow-dotless-spn",
         "nothing-to-check"},
        {"none", "audit-only"}}},
      {"spn", {{"HTTP/www.example.com"}, {}}},
      {"port-rule", {{"exact", "ignore", "if-listed"}, {"any"}}},
      {"require-mic", {{"yes", "no"}, {"required"}}},
      {"audit-only", {{"yes", "no"}, {"2"}}},
      {"registry", {{"a.reg"}, {}}},
      {"windows", {{"server-2025", "windows11/pro"}, {"windows95", "server-2025/pro"}}},
      {"cert", {{"/c.pem"}, {}}},
      {"key", {{"/k.pem"}, {}}},
      {"tls", {{"implicit", "starttls", "none"}, {"yes", "STARTTLS"}}},
      {"clear-logins", {{"yes", "no"}, {"1"}}},
      {"undefined-hash", {{"fail", "unbound", "sha256"}, {"sha1", "SHA256"}}},
      {"certificate-roll-over", {{"0", "2592000"}, {"2592001", "-1", "1h", "4294967296"}}},
      {"gss", {{"application", "certificate", "off"}, {"on", "Off"}}},
      {"executable", {{"/usr/sbin/apache2", "apache2"}, {}}},
      {"acceptor", {{"HTTP", "HTTP/www.example.com"}, {}}},
      {"own-logins", {{"yes", "no"}, {"1"}}},
      {"audit", {{"-", "journal", "journal:/s", "/a.json"}, {"journal:"}}},
      {"listen", {{"127.0.0.1:0", "unix:/run/socket"}, {"unix:"}}},
      {"socket-mode", {{"0660", "666", "0"}, {"0680", "1777", "rw", "-1", "6 "}}},
      {"socket-group", {{"proxy"}, {}}},
      {"max-connections", {{"1", "1000000"}, {"0", "1000001", "+5", "0x10"}}},
      {"max-connections-per-address", {{"1", "1000000"}, {"0", "1000001"}}},
      {"login-time", {{"1", "3600"}, {"0", "3601", "30s"}}},
      {"workers", {{"1", "1024"}, {"0", "1025"}}},
      {"authenticate-each-request", {{"yes", "no"}, {"always"}}},
      {"delegated-credentials", {{"/run/epa"}, {}}},
      {"user-name", {{"full", "principal", "plain"}, {"dn", "Plain"}}},
      {"share", {{"docs=/usr/share/doc"}, {"docs", "=x", "docs="}}},
      {"dialect", {{"2.0.2", "2.1", "3.0", "3.0.2", "3.1.1"}, {"1.0", "3"}}},
      {"signing", {{"required", "optional"}, {"yes"}}},
      {"sicily", {{"yes", "no"}, {"on"}}},
      {"encryption", {{"off", "available", "required"}, {"on"}}},
      {"map-to-guest", {{"never", "bad-user"}, {"bad-password"}}},
  };
  return values;
}

class EachSettingTest : public ::testing::TestWithParam<size_t> {
 protected:
  const Setting& setting_ = Settings()[GetParam()];
  const std::string where_ = "epa.conf:1: " + std::string(setting_.name);
};

TEST_P(EachSettingTest, TakesWhatItSays) {
  ASSERT_TRUE(AllValues().contains(setting_.name));
  for (const std::string& value : AllValues().at(setting_.name).good) {
    EXPECT_THAT(ReadOne(setting_, value), IsOk()) << value;
  }
}

TEST_P(EachSettingTest, RefusesTheRestWithPlaceValueAndExpectation) {
  for (const std::string& value : AllValues().at(setting_.name).bad) {
    EXPECT_THAT(ReadOne(setting_, value),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         Eq(where_ + " '" + value + "': expected " + ExpectedText(setting_))));
  }
  for (const std::string_view value : {std::string_view(""), std::string_view("a\nb"),
                                       std::string_view("a\0b", 3), std::string_view("\xff")}) {
    EXPECT_THAT(ReadOne(setting_, value),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(StartsWith(where_ + " '"), Not(HasSubstr("\n")))));
  }
}

TEST_P(EachSettingTest, IsSaidOnceOrSeveralTimes) {
  const std::string& value = AllValues().at(setting_.name).good.front();
  const absl::Status twice =
      Read({Given(setting_.name, value, 3), Given(setting_.name, value, 7)}, ProtocolOf(setting_))
          .status();
  if (setting_.repeatable) {
    EXPECT_THAT(twice, IsOk());
  } else {
    EXPECT_THAT(twice, StatusIs(absl::StatusCode::kInvalidArgument,
                                AllOf(StartsWith("epa.conf:7: "), HasSubstr("expected once"),
                                      HasSubstr("epa.conf:3: "))));
  }
}

TEST_P(EachSettingTest, IsRefusedByProtocolsThatHaveItNotUnlessInherited) {
  GivenSetting given = Given(setting_.name, AllValues().at(setting_.name).good.front());
  for (const Protocol protocol : kProtocols) {
    given.inherited = false;
    if (IsSettingOf(setting_, protocol)) {
      EXPECT_THAT(Read({given}, protocol), IsOk());
      continue;
    }
    EXPECT_THAT(Read({given}, protocol).status(),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         Eq(where_ + ": not a setting of " + std::string(ProtocolName(protocol)))));
    given.inherited = true;
    ASSERT_OK_AND_ASSIGN(const ServiceSettings settings, Read({given}, protocol));
    EXPECT_FALSE(settings.Has(setting_.name));
  }
}

TEST_P(EachSettingTest, SaysItsDefaultAndExpectation) {
  EXPECT_FALSE(setting_.text.empty());
  EXPECT_FALSE(setting_.text.ends_with('.'));
  EXPECT_FALSE(ExpectedText(setting_).empty());
  EXPECT_EQ(setting_.kind == SettingKind::kSwitch, setting_.value.empty());
  EXPECT_EQ(FindSetting(setting_.name), &setting_);
}

INSTANTIATE_TEST_SUITE_P(All, EachSettingTest, ::testing::Range<size_t>(0, Settings().size()),
                         [](const auto& test) {
                           std::string name;
                           for (const char c : Settings()[test.param].name) {
                             name += c == '-' ? '_' : c;
                           }
                           return name;
                         });

TEST(SettingsTest, NoOtherSettingHasValues) { EXPECT_EQ(AllValues().size(), Settings().size()); }

TEST(SettingsTest, UnknownOnesAreRefused) {
  EXPECT_EQ(FindSetting("keytabs"), nullptr);
  EXPECT_THAT(Read({Given("keytabs", "x")}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no such setting")));
}

TEST(SettingsTest, ValuesAreBounded) {
  std::vector<GivenSetting> given(256, Given("spn", "HTTP/a.example"));
  EXPECT_THAT(Read(given), IsOk());
  given.push_back(Given("spn", "HTTP/a.example"));
  EXPECT_THAT(Read(given).status(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SettingsTest, ALongValueIsShownInPart) {
  const absl::Status status = Read({Given("scenario", std::string(5000, 'x'))}).status();
  EXPECT_LT(status.message().size(), 300U);
}

TEST(SettingsTest, AccountsKeepTheirOrder) {
  ASSERT_OK_AND_ASSIGN(const ServiceSettings settings, Read({Given("accounts", "winbind:DOM"),
                                                             Given("accounts", "file:local", 2)}));
  EXPECT_THAT(settings.accounts, ElementsAre("winbind:DOM", "file:local"));
  EXPECT_EQ(settings.Where("accounts", 1), "epa.conf:2: accounts");
}

TEST(SettingsTest, RelativePathsAreBelowTheFolder) {
  std::vector<GivenSetting> given = {
      Given("accounts", "file:users"), Given("keytab", "/etc/k"),     Given("cert", "c.pem"),
      Given("audit", "a.json"),        Given("audit", "journal"),     Given("audit", "-"),
      Given("registry", "r.reg"),      Given("accounts", "winbind:D")};
  for (GivenSetting& one : given) {
    one.folder = "/etc/epa";
  }
  ASSERT_OK_AND_ASSIGN(const ServiceSettings settings, Read(given));
  EXPECT_THAT(settings.accounts, ElementsAre("file:/etc/epa/users", "winbind:D"));
  EXPECT_EQ(settings.keytab, "/etc/k");
  EXPECT_THAT(settings.certificates, ElementsAre("/etc/epa/c.pem"));
  EXPECT_THAT(settings.audit, ElementsAre("/etc/epa/a.json", "journal", "-"));
  EXPECT_THAT(settings.registry_files, ElementsAre("/etc/epa/r.reg"));
}

TEST(SettingsTest, WhatIsSaidOverOthersStandsForAllOfThem) {
  const std::vector<GivenSetting> all =
      Override({Given("spn", "HTTP/a", 1), Given("spn", "HTTP/b", 2), Given("keytab", "/k", 3)},
               {Given("spn", "HTTP/c", 4)});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].value, "/k");
  EXPECT_EQ(all[1].value, "HTTP/c");
}

}  // namespace
}  // namespace epa::service
