// epa.conf: what it may look like, and that a file that is wrong anywhere is refused as a whole.
#include "epa/service/configuration_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

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

absl::StatusOr<ConfigurationFile> Parse(std::string_view text) {
  return ConfigurationFile::Parse(text, "/etc/epa/epa.conf");
}

void ExpectFault(std::string_view text, const std::string& fault) {
  EXPECT_THAT(Parse(text).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, Eq("/etc/epa/epa.conf" + fault)));
}

// "NAME=VALUE" of each.
std::vector<std::string> Said(const ConfigurationFile& file, const ServiceName& service) {
  std::vector<std::string> said;
  const ConfiguredService found = file.Find(service).value();
  for (const GivenSetting& given : found.settings) {
    said.push_back(given.name + "=" + given.value);
  }
  return said;
}

TEST(ConfigurationFileTest, SectionsInheritWhatIsCommon) {
  ASSERT_OK_AND_ASSIGN(const ConfigurationFile file, Parse("# by hand\n"
                                                           "[common]\n"
                                                           "accounts = winbind:\n"
                                                           "spn = HTTP/a.example\n"
                                                           "spn = HTTP/b.example\n"
                                                           "\n"
                                                           "  [ http ]\r\n"
                                                           "\tspn\t=\tHTTP/c.example \r\n"
                                                           "[http intranet]\n"
                                                           "extended-protection=1\n"));
  EXPECT_THAT(file.services(), ElementsAre(ServiceName{Protocol::kHttp, ""},
                                           ServiceName{Protocol::kHttp, "intranet"}));
  EXPECT_THAT(Said(file, {Protocol::kHttp, ""}),
              ElementsAre("accounts=winbind:", "spn=HTTP/c.example"));
  EXPECT_THAT(Said(file, {Protocol::kHttp, "intranet"}),
              ElementsAre("accounts=winbind:", "spn=HTTP/a.example", "spn=HTTP/b.example",
                          "extended-protection=1"));
  const auto settings = file.Find({Protocol::kHttp, "intranet"}).value().settings;
  EXPECT_TRUE(settings.front().inherited);
  EXPECT_FALSE(settings.back().inherited);
  EXPECT_EQ(settings.back().where, "/etc/epa/epa.conf:10: extended-protection");
  EXPECT_EQ(settings.back().folder, "/etc/epa");
}

TEST(ConfigurationFileTest, AServiceWithoutASectionIsAFault) {
  ASSERT_OK_AND_ASSIGN(const ConfigurationFile file, Parse("[http]\n"));
  EXPECT_THAT(
      file.Find({Protocol::kImap, "x"}).status(),
      StatusIs(absl::StatusCode::kNotFound, Eq("/etc/epa/epa.conf: expected a section [imap x]")));
}

TEST(ConfigurationFileTest, AnEqualsSignAndAHashMayStandInAValue) {
  ASSERT_OK_AND_ASSIGN(const ConfigurationFile file, Parse("[smb]\nshare = a=/b #1\n"));
  EXPECT_THAT(Said(file, {Protocol::kSmb, ""}), ElementsAre("share=a=/b #1"));
}

TEST(ConfigurationFileTest, WhatIsNoLineIsRefused) {
  ExpectFault("[http]\nkeytab /k\n",
              ":2 'keytab /k': expected NAME = VALUE, [SECTION] or # COMMENT");
  ExpectFault("[http]\n= /k\n", ":2 '= /k': expected NAME = VALUE, [SECTION] or # COMMENT");
  ExpectFault("keytab = /k\n",
              ":1 'keytab = /k': expected a section first, such as [common] or [http]");
  ExpectFault("# nothing\n", ": expected a section, such as [http]");
  ExpectFault("", ": expected a section, such as [http]");
}

TEST(ConfigurationFileTest, AFileThatWasCutOffIsRefused) {
  ExpectFault("[http]\nkeytab = /etc/kr",
              ":2 'keytab = /etc/kr': expected a line end at the end of the file: it is cut off");
}

TEST(ConfigurationFileTest, UnknownSettingsAreRefusedWithTheOneThatIsMeant) {
  ExpectFault("[http]\nkeytabs = /k\n", ":2 'keytabs': expected perhaps keytab");
  ExpectFault("[http]\nKeytab = /k\n", ":2 'Keytab': expected perhaps keytab");
  ExpectFault("[http]\nanswer = 42\n",
              ":2 'answer': expected the name of a setting, as in epa.conf(5)");
}

TEST(ConfigurationFileTest, UnknownSectionsAreRefused) {
  for (const std::string title : {"[htpp]", "[HTTP]", "[]", "[http", "[common x]", "[http a/b]"}) {
    EXPECT_THAT(Parse(title + "\n").status(),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         StartsWith("/etc/epa/epa.conf:1 '" + title + "': expected [common], ")));
  }
}

TEST(ConfigurationFileTest, SectionsAreThereOnce) {
  ExpectFault("[http]\n[imap]\n[http]\n", ":3 '[http]': expected one section of that name");
  ExpectFault("[common]\n[common]\n", ":2 '[common]': expected one section of that name");
  ExpectFault("[http]\n[common]\n", ":2 '[common]': expected it before all other sections");
}

TEST(ConfigurationFileTest, ASettingIsSaidOnce) {
  ExpectFault("[http]\nkeytab = /a\nkeytab = /b\n",
              ":3: keytab '/b': expected once, and it is in /etc/epa/epa.conf:2: keytab");
}

TEST(ConfigurationFileTest, EverySectionIsCheckedWhoeverUsesIt) {
  ExpectFault("[http]\n[imap]\nscenario = there\n",
              ":3: scenario 'there': expected tls, proxy or clear");
  ExpectFault("[common]\nworkers = 0\n[http]\n",
              ":2: workers '0': expected a number from 1 to 1024");
  ExpectFault("[common]\nsigning = maybe\n[http]\n",
              ":2: signing 'maybe': expected required or optional");
  ExpectFault("[http]\nkeytab =\n", ":2: keytab '': expected the path of a keytab");
}

TEST(ConfigurationFileTest, ASettingOfAnotherProtocolIsRefusedInASectionAndInheritedByNone) {
  ExpectFault("[http]\nshare = a=/b\n", ":2: share: not a setting of http");
  EXPECT_THAT(Parse("[common]\nshare = a=/b\n[http]\n[smb]\n"), IsOk());
}

TEST(ConfigurationFileTest, WhatIsNotTextIsRefusedAndShownWithoutHarm) {
  ExpectFault("[http]\nspn = a\x1b[2J\n",
              ":2 'spn = a?[2J': expected text in UTF-8 without control characters");
  ExpectFault("[http]\nspn = \xff\n",
              ":2 'spn = ?': expected text in UTF-8 without control characters");
  EXPECT_THAT(Parse(std::string_view("[http]\nspn = a\0b\n", 17)).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a?b")));
}

TEST(ConfigurationFileTest, InputIsBounded) {
  EXPECT_THAT(Parse("[http]\n#" + std::string(4095, 'x') + "\n"), IsOk());
  EXPECT_THAT(Parse("[http]\n#" + std::string(4096, 'x') + "\n").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("4096 octets in a line")));
  std::string sections;
  for (int i = 0; i < 257; ++i) {
    sections += "[http s" + std::to_string(i) + "]\n";
  }
  EXPECT_THAT(Parse(sections).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("256 sections")));
  std::string settings = "[http]\n";
  for (int i = 0; i < 1025; ++i) {
    settings += "spn = HTTP/a\n";
  }
  EXPECT_THAT(Parse(settings).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1024 settings")));
  EXPECT_THAT(Parse("[http]\n" + std::string(kMaxConfigurationSize, '\n')).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("octets")));
}

TEST(ConfigurationFileTest, OnlyARegularFileIsRead) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(ConfigurationFile::Read(folder.Write("epa.conf", "[http]\n")), IsOk());
  EXPECT_THAT(ConfigurationFile::Read(folder.File("missing")).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(folder.File("missing"))));
  ASSERT_EQ(mkfifo(folder.File("pipe").c_str(), 0600), 0);
  EXPECT_THAT(ConfigurationFile::Read(folder.File("pipe")).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("pipe")));
}

TEST(ConfigurationFileTest, PathsAreBelowTheFileWhereverItIs) {
  ASSERT_OK_AND_ASSIGN(const ConfigurationFile here,
                       ConfigurationFile::Parse("[http]\nkeytab = k\n", "epa.conf"));
  EXPECT_EQ(here.Find({Protocol::kHttp, ""}).value().settings.front().folder, ".");
  ASSERT_OK_AND_ASSIGN(const ConfigurationFile top,
                       ConfigurationFile::Parse("[http]\nkeytab = k\n", "/epa.conf"));
  EXPECT_EQ(top.Find({Protocol::kHttp, ""}).value().settings.front().folder, "/");
}

}  // namespace
}  // namespace epa::service
