// The events of Windows by their ids and field names.
#include "epa/core/windows_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace epa {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<std::pair<std::string, std::string>> FieldsOf(const WindowsEvent& event) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const WindowsEventField& field : event.fields) {
    fields.emplace_back(field.name, field.value);
  }
  return fields;
}

TEST(SpnCheckFailedEvent, IsTheDocumentedEventWithItsFields) {
  const WindowsEvent event = SpnCheckFailedEvent(
      {.user = "dadmin",
       .domain = "CONTOSO",
       .target_name = "cifs/other.contoso.local",
       .server_names = {"CONTOSO", "contoso.local", "DC01.contoso.local", "DC01", "LocalHost"},
       .configured_names = {"files"},
       .ip_addresses = {"127.0.0.1", "::1"}});
  EXPECT_EQ(event.id, 5168);
  EXPECT_EQ(event.log, "Security");
  EXPECT_EQ(event.provider, "Microsoft-Windows-Security-Auditing");
  EXPECT_EQ(event.level, WindowsEventLevel::kLogAlways);
  EXPECT_EQ(event.task, 12808);
  EXPECT_EQ(event.keywords, 0x8010000000000000U);
  EXPECT_THAT(
      FieldsOf(event),
      ElementsAre(Pair("SubjectUserName", "dadmin"), Pair("SubjectDomainName", "CONTOSO"),
                  Pair("SpnName", "cifs/other.contoso.local"), Pair("ErrorCode", "0xc0000022"),
                  Pair("ServerNames", "CONTOSO;contoso.local;DC01.contoso.local;DC01;LocalHost;"),
                  Pair("ConfiguredNames", "files;"), Pair("IpAddresses", "127.0.0.1;::1;")));
}

TEST(SpnCheckFailedEvent, WhatIsMissingIsNotAvailable) {
  const WindowsEvent event = SpnCheckFailedEvent({});
  EXPECT_THAT(FieldsOf(event),
              ElementsAre(Pair("SubjectUserName", "-"), Pair("SubjectDomainName", "-"),
                          Pair("SpnName", "N/A"), Pair("ErrorCode", "0xc0000022"),
                          Pair("ServerNames", "N/A"), Pair("ConfiguredNames", "N/A"),
                          Pair("IpAddresses", "N/A")));
}

TEST(InsecureGuestRejectedEvent, CountsTheBackslashInFrontOfTheServer) {
  const WindowsEvent event = InsecureGuestRejectedEvent("", "172.31.30.112");
  EXPECT_EQ(event.id, 31017);
  EXPECT_EQ(event.log, "Microsoft-Windows-SmbClient/Security");
  EXPECT_EQ(event.provider, "Microsoft-Windows-SMBClient");
  EXPECT_EQ(event.level, WindowsEventLevel::kError);
  EXPECT_EQ(event.task, 0);
  EXPECT_EQ(event.keywords, 0x0200000000000080U);
  EXPECT_THAT(FieldsOf(event),
              ElementsAre(Pair("UserNameLength", "0"), Pair("UserName", ""),
                          Pair("ServerNameLength", "14"), Pair("ServerName", "\\172.31.30.112")));
}

TEST(InsecureGuestAllowedEvent, CountsLettersAsUtf16Does) {
  const WindowsEvent event = InsecureGuestAllowedEvent("J\u00fcrgen \U0001f600", "nas");
  EXPECT_EQ(event.id, 31022);
  EXPECT_EQ(event.level, WindowsEventLevel::kWarning);
  EXPECT_EQ(event.keywords, 0x0200000000000080U);
  EXPECT_THAT(FieldsOf(event),
              ElementsAre(Pair("UserNameLength", "9"), Pair("UserName", "J\u00fcrgen \U0001f600"),
                          Pair("ServerNameLength", "4"), Pair("ServerName", "\\nas")));
}

TEST(InsecureGuestSettingEvent, NamesTheKeyAndBothValues) {
  constexpr std::string_view kParameters =
      R"([HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\LanmanWorkstation\Parameters])";
  const WindowsEvent event = InsecureGuestSettingEvent();
  EXPECT_EQ(event.id, 31018);
  EXPECT_EQ(event.level, WindowsEventLevel::kWarning);
  EXPECT_EQ(event.keywords, 0x0200000000000080U);
  const std::string key(kParameters);
  EXPECT_THAT(
      FieldsOf(event),
      ElementsAre(Pair("DefaultRegistryValue", key + " \"AllowInsecureGuestAuth\"=dword:0"),
                  Pair("ConfiguredRegistryValue", key + " \"AllowInsecureGuestAuth\"=dword:1")));
}

TEST(BadBindingsEvent, IsAFailedNetworkLogonWithItsStatus) {
  const WindowsEvent event = BadBindingsEvent({.user = "alice",
                                               .domain = "EXAMPLE",
                                               .workstation = "DESK",
                                               .package = "NTLM",
                                               .connection = "192.0.2.1:50432"});
  EXPECT_EQ(event.id, 4625);
  EXPECT_EQ(event.log, "Security");
  EXPECT_EQ(event.keywords, 0x8010000000000000U);
  EXPECT_THAT(
      FieldsOf(event),
      ElementsAre(Pair("TargetUserName", "alice"), Pair("TargetDomainName", "EXAMPLE"),
                  Pair("Status", "0xc000035b"), Pair("SubStatus", "0x0"), Pair("LogonType", "3"),
                  Pair("AuthenticationPackageName", "NTLM"), Pair("WorkstationName", "DESK"),
                  Pair("IpAddress", "192.0.2.1"), Pair("IpPort", "50432")));
}

TEST(BadBindingsEvent, AddressIsWhatTheConnectionSays) {
  struct Case {
    std::string_view connection;
    std::string address;
    std::string port;
  };
  for (const Case& row :
       {Case{"[2001:db8::1]:443", "2001:db8::1", "443"}, Case{"[::1:443", "[::1", "443"},
        Case{"::1]:443", "::1]", "443"}, Case{"[]:443", "[]", "443"}, Case{"", "-", "-"},
        Case{"pipe", "-", "-"}, Case{"192.0.2.1:", "-", "-"}, Case{":443", "-", "-"},
        Case{"192.0.2.1:x", "-", "-"}, Case{"192.0.2.1:123456", "-", "-"}}) {
    const auto fields = FieldsOf(BadBindingsEvent({.connection = row.connection}));
    EXPECT_EQ(fields[7], std::pair(std::string("IpAddress"), row.address)) << row.connection;
    EXPECT_EQ(fields[8], std::pair(std::string("IpPort"), row.port)) << row.connection;
  }
}

TEST(DirectoryEvents, AreTheDocumentedOnes) {
  const WindowsEvent failed = LdapBindingFailedEvent("192.0.2.1:50432", "LAB\\alice");
  EXPECT_EQ(failed.id, 3039);
  EXPECT_EQ(failed.log, "Directory Service");
  EXPECT_EQ(failed.provider, "Microsoft-Windows-ActiveDirectory_DomainService");
  EXPECT_EQ(failed.task, 16);
  EXPECT_THAT(FieldsOf(failed),
              ElementsAre(Pair("param1", "192.0.2.1:50432"), Pair("param2", "LAB\\alice")));
  EXPECT_THAT(FieldsOf(LdapBindingFailedEvent("", "")),
              ElementsAre(Pair("param1", "-"), Pair("param2", "-")));
  EXPECT_EQ(UnboundLdapBindsEvent(17).id, 3040);
  EXPECT_THAT(FieldsOf(UnboundLdapBindsEvent(17)), ElementsAre(Pair("param1", "17")));
  EXPECT_EQ(LdapBindingNotAskedForEvent().id, 3041);
}

}  // namespace
}  // namespace epa
