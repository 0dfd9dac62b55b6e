// From files to settings: what wins, what is refused, and where each came from.
#include "epa/registry/windows_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/ascii.h"
#include "tests/support/registry_keys.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::registry {
namespace {

using ::epa::test::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string Line(std::string_view key, std::string_view value) {
  return "[" + std::string(key) + "]\n" + std::string(value) + "\n";
}

// The registry after files a.reg, b.reg and so on, each with these lines from line 2 on.
absl::StatusOr<WindowsSettings> Load(const std::vector<std::string>& files,
                                     const WindowsVersion& version = {}) {
  Registry registry;
  std::string name = "a.reg";
  for (const std::string& lines : files) {
    const std::string text = "Windows Registry Editor Version 5.00\n" + lines;
    auto file =
        ParseRegistryFile({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, name);
    if (!file.ok()) {
      return file.status();
    }
    registry.Import(*std::move(file));
    ++name[0];
  }
  return WindowsSettingsFrom(registry, version);
}

// As a table of one line each: name, key's last part, value and origin.
std::string DescriptionOf(const WindowsSettings& settings, std::string_view name,
                          std::string_view key) {
  for (const SettingDescription& setting : Describe(settings)) {
    if (setting.name == name && setting.key == key) {
      return setting.value + " (" + OriginText(setting.origin) + ")";
    }
  }
  return "not described";
}

// "VALUE (SOURCE)" of the setting of this name, which has to be one service's alone.
std::string SettingOf(const WindowsSettings& settings, std::string_view name) {
  std::string found;
  for (const SettingDescription& setting : Describe(settings)) {
    if (setting.name == name) {
      found += setting.value + " (" + std::string(SettingSourceName(setting.origin.source)) + ")";
    }
  }
  return found;
}

TEST(WindowsSettings, EmptyRegistryGivesWindowsDefaults) {
  ASSERT_OK_AND_ASSIGN(const WindowsSettings settings, Load({}));
  for (const SettingDescription& setting : Describe(settings)) {
    EXPECT_EQ(OriginText(setting.origin), "default") << setting.name;
  }
  EXPECT_EQ(Describe(settings).size(), 19U);
  EXPECT_EQ(settings.suppress_extended_protection.value, 0U);
  EXPECT_EQ(settings.lm_compatibility_level.value, 3U);
  EXPECT_EQ(settings.ntlm_min_client_sec.value, 0x20000000U);
  EXPECT_EQ(settings.ntlm_min_server_sec.value, 0x20000000U);
  EXPECT_EQ(settings.telnet_extended_protection.value, ExtendedProtectionMode::kLegacy);
  EXPECT_EQ(settings.smb_server_name_hardening_level.value, ExtendedProtectionMode::kLegacy);
  EXPECT_EQ(settings.winrm_cbt_hardening_level.value, CbtHardeningLevel::kRelaxed);
  EXPECT_TRUE(settings.client_enable_signing.value);
  EXPECT_TRUE(settings.server_require_signing.value);
  EXPECT_FALSE(settings.allow_insecure_guest_auth.value);
}

TEST(WindowsSettings, EveryValueIsReadFromItsPath) {
  struct Row {
    std::string_view key;
    std::string_view name;
    std::string_view data;
    std::string_view effective;
    std::string_view described_key = {};  // where `key` is a policy's
    std::string_view described_name = {};
  };
  const std::vector<Row> rows = {
      {test::kLsa, "SuppressExtendedProtection", "dword:3", "3"},
      {test::kLsa, "LmCompatibilityLevel", "dword:5", "5"},
      {test::kMsv, "NtlmMinClientSec", "dword:20080000", "0x20080000"},
      {test::kMsv, "NtlmMinServerSec", "dword:80000", "0x00080000"},
      {test::kMsv, "RestrictSendingNTLMTraffic", "dword:1", "1"},
      {test::kMsv, "ClientAllowedNTLMServers", "hex(7):61,00,00,00,2a,00,00,00,00,00", "a; *"},
      {test::kMsv, "RestrictReceivingNTLMTraffic", "dword:2", "2"},
      {test::kNetlogon, "DCAllowedNTLMServers", "hex(7):62,00,00,00,00,00", "b"},
      {test::kTelnet, "ExtendedProtection", "dword:2", "2"},
      {test::kLdap, "LdapEnforceChannelBinding", "dword:1", "1"},
      {test::kWinRm, "cbt_hardening_level", "\"strict\"", "Strict"},
      {test::kWinRmPolicy, "CbtHardeningLevel", "\"None\"", "None", test::kWinRm,
       "cbt_hardening_level"},
      {test::kSmbServer, "SmbServerNameHardeningLevel", "dword:2", "2"},
      {test::kSmbServer, "SrvAllowedServerNames", "hex(7):66,00,00,00,00,00", "f"},
      {test::kSmbServer, "AuditClientSpnSupport", "dword:1", "1"},
      {test::kSmbServerPolicy, "AuditClientSpnSupport", "dword:1", "1", test::kSmbServer},
      {test::kSmbServer, "RequireSecuritySignature", "dword:1", "1"},
      {test::kSmbServer, "EnableSecuritySignature", "dword:1", "1"},
      {test::kSmbClient, "RequireSecuritySignature", "dword:0", "0"},
      {test::kSmbClient, "EnableSecuritySignature", "dword:0", "0"},
      {test::kSmbClient, "AllowInsecureGuestAuth", "dword:1", "1"},
      {test::kSmbClientPolicy, "AllowInsecureGuestAuth", "dword:1", "1", test::kSmbClient},
  };
  for (const Row& row : rows) {
    const std::string value = "\"" + std::string(row.name) + "\"=" + std::string(row.data);
    ASSERT_OK_AND_ASSIGN(const WindowsSettings settings, Load({Line(row.key, value)}));
    const bool policy = !row.described_key.empty();
    EXPECT_EQ(DescriptionOf(settings, row.described_name.empty() ? row.name : row.described_name,
                            policy ? row.described_key : row.key),
              std::string(row.effective) + (policy ? " (policy, a.reg:3)" : " (local, a.reg:3)"))
        << row.name;
    EXPECT_THAT(settings.unused, IsEmpty()) << row.name;
  }
}

TEST(WindowsSettings, KeysAndNamesHaveNoCase) {
  ASSERT_OK_AND_ASSIGN(const WindowsSettings settings,
                       Load({Line(R"(hkey_local_machine\system\CURRENTCONTROLSET\control\LSA)",
                                  "\"LMCOMPATIBILITYLEVEL\"=dword:00000004")}));
  EXPECT_EQ(settings.lm_compatibility_level.value, 4U);
}

// What names the same key in the registry names the same here.
TEST(WindowsSettings, KeysCompareAsTheRegistryComparesThem) {
  const std::string local = Line(test::kSmbClient, "\"AllowInsecureGuestAuth\"=dword:1");
  for (const std::string_view key :
       {R"(HKEY_LOCAL_MACHINE\Software\Policies\Microsoft\Windows\LanmanWorkstation\)",
        R"(HKEY_LOCAL_MACHINE\Software\Policies\Microsoft\Windows\LanmanWorkstation\\\)",
        R"(HKEY_LOCAL_MACHINE\\Software\Policies\Microsoft\\\Windows\LanmanWorkstation)",
        R"(HKLM\Software\Policies\Microsoft\Windows\LanmanWorkstation)",
        R"(hklm\Software\Policies\Microsoft\Windows\LanmanWorkstation\)"}) {
    ASSERT_OK_AND_ASSIGN(WindowsSettings settings,
                         Load({local + Line(key, "\"AllowInsecureGuestAuth\"=dword:0")},
                              {WindowsProduct::kWindows11}));
    EXPECT_FALSE(settings.allow_insecure_guest_auth.value) << key;
    EXPECT_EQ(OriginText(settings.allow_insecure_guest_auth.origin), "policy, a.reg:5") << key;
    EXPECT_THAT(settings.notes, IsEmpty()) << key;
    ASSERT_OK_AND_ASSIGN(settings, Load({local, Line(key, "\"AllowInsecureGuestAuth\"=dword:0"),
                                         "[-" + std::string(key) + "]\n"}));
    EXPECT_TRUE(settings.allow_insecure_guest_auth.value) << key;
  }
  for (const std::string_view key : {R"(HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Lsa)",
                                     R"(HKLM\system\controlset001\control\lsa\)"}) {
    ASSERT_OK_AND_ASSIGN(const WindowsSettings settings,
                         Load({Line(key, "\"LmCompatibilityLevel\"=dword:5")}));
    EXPECT_EQ(settings.lm_compatibility_level.value, 5U) << key;
  }
}

// A name that would be a setting's below another key is told: it may be a slip.
TEST(WindowsSettings, SettingsBelowOtherKeysAreTold) {
  for (const std::string_view key :
       {R"(HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Control\Lsa)",
        R"(HKEY_LOCAL_MACHINE\SYSTEM\ControlSet0011\Control\Lsa)",
        R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa )",
        R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0)",
        R"(HKEY_CURRENT_USER\SYSTEM\CurrentControlSet\Control\Lsa)"}) {
    ASSERT_OK_AND_ASSIGN(const WindowsSettings settings,
                         Load({Line(key, "\"LMCompatibilityLevel\"=dword:5")}));
    EXPECT_FALSE(settings.lm_compatibility_level.is_set()) << key;
    ASSERT_EQ(settings.notes.size(), 1U) << key;
    EXPECT_EQ(NoteText(settings.notes[0]), "a.reg:3: LMCompatibilityLevel is not read below " +
                                               std::string(key) + ", but below " +
                                               std::string(test::kLsa));
    EXPECT_EQ(settings.unused.size(), 1U) << key;
  }
  ASSERT_OK_AND_ASSIGN(const WindowsSettings settings,
                       Load({Line(R"(HKLM\Other)", "\"AllowInsecureGuestAuth\"=dword:1")}));
  ASSERT_EQ(settings.notes.size(), 1U);
  EXPECT_THAT(settings.notes[0].text, HasSubstr(std::string(test::kSmbClient) + " and " +
                                                std::string(test::kSmbClientPolicy)));
}

TEST(WindowsSettings, LinesThatCannotBeReadAreTold) {
  ASSERT_OK_AND_ASSIGN(const WindowsSettings settings,
                       Load({Line(test::kLsa, "garbage\n\"LmCompatibilityLevel\"=dword:5"),
                             Line(R"(HKLM\Other)", "\"ExtendedProtection\"=maybe")}));
  EXPECT_EQ(settings.lm_compatibility_level.value, 5U);
  std::vector<std::string> notes;
  for (const RegistryNote& note : settings.notes) {
    notes.push_back(NoteText(note));
  }
  EXPECT_THAT(
      notes,
      ElementsAre("a.reg:3: not read, expected a [key], a \"name\"=value, a comment or nothing: "
                  "garbage",
                  "b.reg:3: not read, expected a quoted string, dword:, hex:, hex(TYPE): or -: "
                  "\"ExtendedProtection\"=maybe"));
}

// Nobody knows what it was to say: a setting may be weaker without it.
TEST(WindowsSettings, ALineThatCannotBeReadAndNamesASettingIsAnError) {
  const std::string lsa = "[" + std::string(test::kLsa) + "]\n";
  for (const std::string& lines : std::vector<std::string>{
           lsa + "LmCompatibilityLevel=dword:5\n", lsa + "\"LmCompatibilityLevel\"=dword:5x\n",
           lsa + "\"lmcompatibilitylevel\"\n", lsa + "\"LmCompatibilityLevel=dword:5\n",
           // Its key is dropped, or swallowed by a list that goes on.
           "[HKEY_LOCAL_MACHINE\\SYSTEM\n\"LmCompatibilityLevel\"=dword:5\n",
           lsa + "\"a\"=hex(7):61,00,\\\n[HKLM\\Other]\n\"LmCompatibilityLevel\"=dword:0\n",
           lsa + "\"a\"=hex(7):61,00,\\\n\"LmCompatibilityLevel\"=dword:5\n",
           "[-" + std::string(test::kLsa) + "]\n\"LmCompatibilityLevel\"=dword:5\n",
           "[" + std::string(test::kLsa) + "] ; [see KB]\n\"LmCompatibilityLevel\"=dword:5\n"}) {
    EXPECT_THAT(Load({lines}), StatusIs(absl::StatusCode::kInvalidArgument,
                                        AllOf(HasSubstr("a.reg:"), HasSubstr("ompatibility"))))
        << lines;
  }
  ASSERT_OK_AND_ASSIGN(const WindowsSettings settings,
                       Load({lsa + "#\"LmCompatibilityLevel\"=dword:0\n"
                                   "NoLmCompatibilityLevel=1\n"}));
  EXPECT_EQ(settings.notes.size(), 2U);
  EXPECT_FALSE(settings.lm_compatibility_level.is_set());
}

TEST(WindowsSettings, FilesThatTheEditorReadsAreRead) {
  for (const auto& row : test::ReadTestJson("registry/files.json")) {
    SCOPED_TRACE(row["name"].get<std::string>());
    ASSERT_OK_AND_ASSIGN(
        RegistryFile file,
        ParseRegistryFile(test::FromHex(row["octets"].get<std::string>()), "a.reg"));
    Registry registry;
    registry.Import(std::move(file));
    ASSERT_OK_AND_ASSIGN(const WindowsSettings settings, WindowsSettingsFrom(registry));
    for (const auto& [name, expected] : row["settings"].items()) {
      EXPECT_EQ(SettingOf(settings, name), expected.get<std::string>()) << name;
    }
    std::vector<std::string> notes;
    for (const RegistryNote& note : settings.notes) {
      notes.push_back(std::to_string(note.line) + ": " + note.text);
    }
    ASSERT_EQ(notes.size(), row["notes"].size()) << testing::PrintToString(notes);
    for (size_t i = 0; i < notes.size(); ++i) {
      EXPECT_THAT(notes[i], StartsWith(row["notes"][i].get<std::string>()));
    }
  }
}

TEST(WindowsSettings, LaterLinesAndFilesWin) {
  ASSERT_OK_AND_ASSIGN(
      const WindowsSettings settings,
      Load({Line(test::kLsa, "\"LmCompatibilityLevel\"=dword:3\n\"lmcompatibilitylevel\"=dword:4"),
            Line(test::kLsa, "\"LmCompatibilityLevel\"=dword:5")}));
  EXPECT_EQ(settings.lm_compatibility_level.value, 5U);
  EXPECT_EQ(OriginText(settings.lm_compatibility_level.origin), "local, b.reg:3");
}

TEST(WindowsSettings, DeletionsTakeBackWhatCameBefore) {
  const std::string set = Line(test::kMsv, "\"RestrictSendingNTLMTraffic\"=dword:2");
  ASSERT_OK_AND_ASSIGN(WindowsSettings settings,
                       Load({set, Line(test::kMsv, "\"RestrictSendingNTLMTraffic\"=-")}));
  EXPECT_FALSE(settings.restrict_sending_ntlm_traffic.is_set());
  ASSERT_OK_AND_ASSIGN(settings, Load({set, "[-" + std::string(test::kLsa) + "]\n"}));
  EXPECT_FALSE(settings.restrict_sending_ntlm_traffic.is_set()) << "a key above it";
  ASSERT_OK_AND_ASSIGN(settings, Load({set, "[-" + std::string(test::kLsa).substr(0, 50) + "]\n"}));
  EXPECT_TRUE(settings.restrict_sending_ntlm_traffic.is_set()) << "a key with a similar name";
  ASSERT_OK_AND_ASSIGN(settings, Load({set, "[-" + std::string(test::kMsv) + "]\n" + set}));
  EXPECT_TRUE(settings.restrict_sending_ntlm_traffic.is_set()) << "set again";
  ASSERT_OK_AND_ASSIGN(settings, Load({Line(test::kLsa, "\"Nothing\"=-")}));
  EXPECT_THAT(settings.unused, IsEmpty());
}

TEST(WindowsSettings, WithoutItsPolicyTheLocalValueCountsAgain) {
  const std::string local = Line(test::kSmbClient, "\"AllowInsecureGuestAuth\"=dword:1");
  const std::string policy = Line(test::kSmbClientPolicy, "\"AllowInsecureGuestAuth\"=dword:0");
  for (const std::string& deletion : {Line(test::kSmbClientPolicy, "\"allowinsecureguestauth\"=-"),
                                      "[-" + std::string(test::kSmbClientPolicy) + "]\n"}) {
    ASSERT_OK_AND_ASSIGN(const WindowsSettings settings, Load({local, policy, deletion}));
    EXPECT_TRUE(settings.allow_insecure_guest_auth.value);
    EXPECT_EQ(OriginText(settings.allow_insecure_guest_auth.origin), "local, a.reg:3");
  }
}

TEST(WindowsSettings, PolicyWinsOverALaterLocalValue) {
  ASSERT_OK_AND_ASSIGN(const WindowsSettings settings,
                       Load({Line(test::kSmbClientPolicy, "\"AllowInsecureGuestAuth\"=dword:0"),
                             Line(test::kSmbClient, "\"AllowInsecureGuestAuth\"=dword:1")}));
  EXPECT_FALSE(settings.allow_insecure_guest_auth.value);
  EXPECT_EQ(OriginText(settings.allow_insecure_guest_auth.origin), "policy, a.reg:3");
}

TEST(WindowsSettings, WinRmPolicyCountsWhileItIsOn) {
  const std::string local = Line(test::kWinRm, "\"cbt_hardening_level\"=\"None\"");
  for (const bool on : {true, false}) {
    const std::string status = "\"CBTHardeningLevelStatus\"=dword:" + std::to_string(on ? 1 : 0);
    ASSERT_OK_AND_ASSIGN(
        const WindowsSettings settings,
        Load({local + Line(test::kWinRmPolicy, status + "\n\"CbtHardeningLevel\"=\"Strict\"")}));
    EXPECT_EQ(settings.winrm_cbt_hardening_level.value,
              on ? CbtHardeningLevel::kStrict : CbtHardeningLevel::kNone);
  }
}

TEST(WindowsSettings, UnknownValuesAreErrorsWithFileLineAndValue) {
  struct Row {
    std::string_view key;
    std::string_view value;
    std::string_view message;
  };
  const std::vector<Row> rows = {
      {test::kLsa, "\"SuppressExtendedProtection\"=dword:2",
       "SuppressExtendedProtection: 2: expected 0, 1 or 3"},
      {test::kLsa, "\"SuppressExtendedProtection\"=dword:4",
       "SuppressExtendedProtection: 4: expected 0, 1 or 3"},
      {test::kLsa, "\"LmCompatibilityLevel\"=dword:6", "LmCompatibilityLevel: 6: expected 0 to 5"},
      {test::kLsa, "\"LmCompatibilityLevel\"=\"5\"",
       "LmCompatibilityLevel: REG_SZ where REG_DWORD is expected"},
      {test::kLsa, "\"LmCompatibilityLevel\"=hex(b):05,00,00,00,00,00,00,00",
       "LmCompatibilityLevel: REG_QWORD where REG_DWORD is expected"},
      {test::kLsa, "\"LmCompatibilityLevel\"=hex(4):05",
       "LmCompatibilityLevel: a damaged REG_DWORD"},
      {test::kMsv, "\"NtlmMinClientSec\"=dword:40",
       "NtlmMinClientSec: 0x00000040: expected no bits but 0x10, 0x20, 0x00080000 and 0x20000000"},
      {test::kMsv, "\"RestrictSendingNTLMTraffic\"=dword:3",
       "RestrictSendingNTLMTraffic: 3: expected 0 to 2"},
      {test::kMsv, "\"ClientAllowedNTLMServers\"=\"a\"",
       "ClientAllowedNTLMServers: REG_SZ where REG_MULTI_SZ is expected"},
      {test::kTelnet, "\"ExtendedProtection\"=dword:3", "ExtendedProtection: 3: expected 0 to 2"},
      {test::kWinRm, "\"cbt_hardening_level\"=\"Hard\"",
       "cbt_hardening_level: \"Hard\": expected None, Relaxed or Strict"},
      {test::kWinRm, "\"cbt_hardening_level\"=dword:1",
       "cbt_hardening_level: REG_DWORD where REG_SZ is expected"},
      {test::kSmbServer, "\"SmbServerNameHardeningLevel\"=dword:ffffffff",
       "SmbServerNameHardeningLevel: 0xffffffff: expected 0 to 2"},
      {test::kSmbClient, "\"AllowInsecureGuestAuth\"=dword:2",
       "AllowInsecureGuestAuth: 2: expected 0 to 1"},
      {test::kSmbServer, "\"RequireSecuritySignature\"=hex:01",
       "RequireSecuritySignature: REG_BINARY where REG_DWORD is expected"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(Load({Line(row.key, row.value)}), StatusIs(absl::StatusCode::kInvalidArgument,
                                                           "a.reg:3: " + std::string(row.message)));
  }
}

TEST(WindowsSettings, UnsoundLocalValueIsAnErrorEvenBelowAPolicy) {
  EXPECT_THAT(Load({Line(test::kSmbClientPolicy, "\"AllowInsecureGuestAuth\"=dword:0") +
                    Line(test::kSmbClient, "\"AllowInsecureGuestAuth\"=dword:7")}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a.reg:5: ")));
}

TEST(WindowsSettings, ValuesNobodyReadsAreKeptAndReported) {
  ASSERT_OK_AND_ASSIGN(
      const WindowsSettings settings,
      Load({Line(test::kLsa, "\"RunAsPPL\"=dword:1\n\"LmCompatibilityLevel\"=dword:3") +
            Line(R"(HKEY_CURRENT_USER\Other)", "@=\"x\"")}));
  ASSERT_EQ(settings.unused.size(), 2U);
  EXPECT_EQ(settings.unused[0].key, R"(HKEY_CURRENT_USER\Other)");
  EXPECT_EQ(settings.unused[0].name, "");
  EXPECT_EQ(std::get<std::string>(settings.unused[0].value.data), "x");
  EXPECT_EQ(settings.unused[0].line, 6U);
  EXPECT_EQ(settings.unused[1].key, test::kLsa);
  EXPECT_EQ(settings.unused[1].name, "RunAsPPL");
  EXPECT_EQ(*settings.unused[1].file, "a.reg");
  EXPECT_EQ(settings.unused[1].line, 3U);
}

TEST(WindowsSettings, FaultyFileEndsTheReading) {
  EXPECT_THAT(ReadWindowsSettings(std::vector<std::string>{"/nonexistent.reg"}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nonexistent.reg")));
}

// The table of insecure guest logons: rows are products and editions, columns are policy 1,
// policy 0, no policy with a local 1, a local 0 and none.
TEST(GuestLogonTable, CellByCell) {
  struct Row {
    std::vector<std::string_view> versions;
    std::string_view cells;  // a: allow, b: block
  };
  const std::vector<Row> rows = {
      {{"before-1709"}, "aaaaa"},
      {{"windows10-1709/enterprise", "windows10-1709"}, "ababb"},
      {{"server-1709"}, "ababb"},
      {{"windows10-2004/enterprise"}, "ababa"},
      {{"windows10-2004-kb5003173/enterprise"}, "ababb"},
      {{"windows10-1709/home", "windows10-1709/pro", "windows10-2004/home", "windows10-2004/pro",
        "windows10-2004-kb5003173/home", "windows10-2004-kb5003173/pro"},
       "ababa"},
      {{"windows10-1709/workstations", "windows10-2004/workstations",
        "windows10-2004-kb5003173/workstations", "windows11/workstations"},
       "ababb"},
      {{"windows11/home", "windows11/pro"}, "ababa"},
      {{"windows11/enterprise"}, "ababb"},
      {{"windows11-24h2/home", "windows11-24h2/pro", "windows11-24h2/workstations",
        "windows11-24h2/enterprise", "server-2025"},
       "ababb"},
  };
  const std::string policy_1 = Line(test::kSmbClientPolicy, "\"AllowInsecureGuestAuth\"=dword:1");
  const std::string policy_0 = Line(test::kSmbClientPolicy, "\"AllowInsecureGuestAuth\"=dword:0");
  const std::string local_1 = Line(test::kSmbClient, "\"AllowInsecureGuestAuth\"=dword:1");
  const std::string local_0 = Line(test::kSmbClient, "\"AllowInsecureGuestAuth\"=dword:0");
  // A policy decides whatever the local value is.
  const std::vector<std::vector<std::string>> columns = {
      {policy_1, policy_1 + local_0, policy_1 + local_1},
      {policy_0, policy_0 + local_0, policy_0 + local_1},
      {local_1},
      {local_0},
      {""}};
  for (const Row& row : rows) {
    for (const std::string_view name : row.versions) {
      const auto version = ParseWindowsVersion(name);
      ASSERT_TRUE(version.has_value()) << name;
      for (size_t column = 0; column < columns.size(); ++column) {
        for (const std::string& registry : columns[column]) {
          ASSERT_OK_AND_ASSIGN(const WindowsSettings settings, Load({registry}, *version));
          EXPECT_EQ(settings.allow_insecure_guest_auth.value, row.cells[column] == 'a')
              << name << ", " << registry;
        }
      }
    }
  }
}

TEST(WindowsVersion, OtherNamesAreNone) {
  for (const std::string_view name : {"", "windows9", "windows10", "windows11/", "windows11/server",
                                      "server-2025/home", "before-1709/", "windows11/pro/pro"}) {
    EXPECT_FALSE(ParseWindowsVersion(name).has_value()) << name;
  }
}

TEST(WindowsVersion, NamesAreThoseOfTheKnowledgeBase) {
  struct Row {
    std::vector<std::string_view> names;
    WindowsProduct product;
  };
  const std::vector<Row> rows = {
      {{"before-1709"}, WindowsProduct::kBefore1709},
      {{"windows10-1709", "windows10-1803", "windows10-1809", "windows10-1903", "Windows10-1909"},
       WindowsProduct::kWindows10From1709},
      {{"windows10-2004", "windows10-20H2", "windows10-21H1"}, WindowsProduct::kWindows10From2004},
      {{"windows10-2004-kb5003173", "windows10-20H2-KB5003173", "windows10-21h1-kb5003173",
        "windows10-21H2", "windows10-22H2"},
       WindowsProduct::kWindows10KB5003173},
      {{"windows11", "windows11-21H2", "windows11-22h2", "windows11-23h2"},
       WindowsProduct::kWindows11},
      {{"windows11-24H2", "windows11-25h2"}, WindowsProduct::kWindows11From24H2},
      {{"server-1709", "server-2019", "server-2022"}, WindowsProduct::kServer1709ToServer2022},
      {{"server-2025"}, WindowsProduct::kServer2025}};
  for (const Row& row : rows) {
    for (const std::string_view name : row.names) {
      const auto version = ParseWindowsVersion(name);
      ASSERT_TRUE(version.has_value()) << name;
      EXPECT_EQ(version->product, row.product) << name;
      EXPECT_THAT(WindowsVersionNames(), HasSubstr(LowercaseAscii(name)));
    }
  }
  EXPECT_EQ(ParseWindowsVersion("windows10-20h2/Education")->edition, WindowsEdition::kEnterprise);
}

// Client and server, by "Control SMB signing behavior", and LDAP channel binding.
TEST(WindowsVersion, DefaultsByProductAndEdition) {
  struct Row {
    std::string_view name;
    bool client;
    bool server;
    ExtendedProtectionMode ldap = ExtendedProtectionMode::kLegacy;
  };
  for (const Row& row :
       std::vector<Row>{{"windows11-24h2/enterprise", true, true},
                        {"windows11-24h2/education", true, true},
                        {"windows11-24h2/pro", true, true},
                        {"windows11-24h2/workstations", true, true},
                        {"windows11-24h2/home", false, false},
                        {"server-2025", true, false, ExtendedProtectionMode::kAllow},
                        {"server-2022", false, false},
                        {"windows11-23h2/pro", false, false},
                        {"windows10-1709", false, false},
                        {"before-1709", false, false}}) {
    const WindowsSettings settings = DefaultWindowsSettings(ParseWindowsVersion(row.name).value());
    EXPECT_EQ(settings.client_require_signing.value, row.client) << row.name;
    EXPECT_EQ(settings.server_require_signing.value, row.server) << row.name;
    EXPECT_EQ(settings.ldap_enforce_channel_binding.value, row.ldap) << row.name;
  }
}

}  // namespace
}  // namespace epa::registry
