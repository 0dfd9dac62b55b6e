// Audit events as JSON text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "epa/audit_json/json_lines.h"

namespace epa {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

AuditEvent RefusedRelay() {
  AuditEvent event;
  event.time = kUnixEpochTicks + 5'000'000;
  event.outcome = AuditOutcome::kRefused;
  event.reason = Reason::kBindingMismatch;
  event.status = SecurityStatus::kBadBindings;
  event.detail = "MsvAvChannelBindings";
  event.connection = "192.0.2.1:50432";
  event.package = "NTLM";
  event.user = "alice";
  event.domain = "EXAMPLE";
  event.claims = {"Alice", "corp", "DESK"};
  event.identity_verified = true;
  event.channel = ChannelKind::kTls;
  event.binding = BindingEvidence::kMismatched;
  event.target_name = "HTTP/www.example.com";
  event.target_name_voucher = TargetNameVoucher::kClient;
  event.mic = MicEvidence::kVerified;
  event.accepted_if_required = false;
  event.reason_if_required = Reason::kBindingMismatch;
  return event;
}

TEST(AuditEventToJson, WritesEveryFieldByItsName) {
  AuditEvent event = RefusedRelay();
  event.matched_binding = ChannelBindingType::kUnique;
  const json expected = {{"time", "1970-01-01T00:00:00.500000Z"},
                         {"outcome", AuditOutcomeName(event.outcome)},
                         {"reason", ReasonName(event.reason)},
                         {"status", "SEC_E_BAD_BINDINGS"},
                         {"status_code", "0x80090346"},
                         {"nt_status", "0xC000035B"},
                         {"detail", "MsvAvChannelBindings"},
                         {"connection", "192.0.2.1:50432"},
                         {"package", "NTLM"},
                         {"user", "alice"},
                         {"domain", "EXAMPLE"},
                         {"claimed_user", "Alice"},
                         {"claimed_domain", "corp"},
                         {"workstation", "DESK"},
                         {"identity", IdentityKindName(event.identity)},
                         {"identity_verified", true},
                         {"channel", "tls"},
                         {"mode", "require"},
                         {"audit_only", false},
                         {"binding", BindingEvidenceName(event.binding)},
                         {"matched_binding", "tls-unique"},
                         {"target_name", "HTTP/www.example.com"},
                         {"target_name_voucher", "client"},
                         {"mic", MicEvidenceName(event.mic)},
                         {"pac", PacEvidenceName(event.pac)},
                         {"accepted_if_required", false},
                         {"reason_if_required", ReasonName(event.reason_if_required)}};
  EXPECT_EQ(json::parse(AuditEventToJson(event)), expected);
}

TEST(AuditEventToJson, StartsWithTimeAndOutcome) {
  EXPECT_THAT(AuditEventToJson(RefusedRelay()),
              ::testing::StartsWith(R"({"time":"1970-01-01T00:00:00.500000Z","outcome":)"));
}

TEST(AuditEventToJson, LeavesAbsentFieldsOut) {
  const json parsed = json::parse(AuditEventToJson(AuditEvent{}));
  for (const char* key :
       {"detail", "connection", "package", "negotiation", "user", "domain", "claimed_user",
        "claimed_domain", "workstation", "matched_binding", "target_name", "target_name_voucher",
        "accepted_if_required", "reason_if_required", "windows_event"}) {
    EXPECT_FALSE(parsed.contains(key)) << key;
  }
  EXPECT_EQ(parsed["status_code"], "0x00000000");
}

TEST(AuditEventToJson, WritesHowTheMechanismWasNegotiated) {
  AuditEvent event;
  event.negotiation = {.offered = {"1.3.6.1.4.1.311.2.2.30", "NTLM"},
                       .taken = "NTLM",
                       .passed_over = {{"1.3.6.1.4.1.311.2.2.30", PassedOverReason::kNotSupported},
                                       {"Kerberos", PassedOverReason::kNotOffered}}};
  const json expected = {{"offered", {"1.3.6.1.4.1.311.2.2.30", "NTLM"}},
                         {"taken", "NTLM"},
                         {"passed_over",
                          {{{"mechanism", "1.3.6.1.4.1.311.2.2.30"}, {"reason", "not_supported"}},
                           {{"mechanism", "Kerberos"}, {"reason", "not_offered"}}}}};
  EXPECT_EQ(json::parse(AuditEventToJson(event))["negotiation"], expected);
  event.negotiation = NegotiationRecord();
  const json nothing = {{"offered", json::array()}, {"passed_over", json::array()}};
  EXPECT_EQ(json::parse(AuditEventToJson(event))["negotiation"], nothing);
}

TEST(AuditEventToJson, WritesTheEventThatWindowsWouldHaveWritten) {
  AuditEvent event;
  event.windows_event = SpnCheckFailedEvent(
      {.user = "alice", .domain = "EXAMPLE", .server_names = {"FILES"}, .ip_addresses = {"::1"}});
  const json expected = {{"id", 5168},
                         {"log", "Security"},
                         {"provider", "Microsoft-Windows-Security-Auditing"},
                         {"level", 0},
                         {"task", 12808},
                         {"keywords", "0x8010000000000000"},
                         {"data",
                          {{"SubjectUserName", "alice"},
                           {"SubjectDomainName", "EXAMPLE"},
                           {"SpnName", "N/A"},
                           {"ErrorCode", "0xc0000022"},
                           {"ServerNames", "FILES;"},
                           {"ConfiguredNames", "N/A"},
                           {"IpAddresses", "::1;"}}}};
  EXPECT_EQ(json::parse(AuditEventToJson(event))["windows_event"], expected);
}

TEST(AuditEventToJson, UndocumentedKeywordsAreLeftOut) {
  AuditEvent event;
  event.windows_event = WindowsEvent{.id = 31022};
  const json written = json::parse(AuditEventToJson(event))["windows_event"];
  EXPECT_EQ(written["id"], 31022);
  EXPECT_FALSE(written.contains("keywords"));
}

TEST(AuditEventToJson, EmptyTargetNameIsNotAnAbsentOne) {
  AuditEvent event;
  event.target_name = "";
  event.target_name_voucher = TargetNameVoucher::kUnsureClient;
  const json parsed = json::parse(AuditEventToJson(event));
  EXPECT_EQ(parsed["target_name"], "");
  EXPECT_EQ(parsed["target_name_voucher"], "unsure_client");
}

TEST(AuditEventToJson, ForgedLineStaysInItsField) {
  AuditEvent event;
  event.user = "mallory\"}\r\n{\"outcome\":\"accepted\",\"user\":\"administrator";
  const std::string text = AuditEventToJson(event);
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
  EXPECT_EQ(json::parse(text)["user"], event.user);
}

TEST(AuditEventToJson, NoControlCharacterLeavesAsItIs) {
  AuditEvent event;
  event.user = std::string("a\0b\x1b[2J\x7f", 8) + "\u0085\u009b\u2028\u2029\u202e";
  const std::string text = AuditEventToJson(event);
  for (const char character : text) {
    EXPECT_GE(character, 0x20);
    EXPECT_LT(character, 0x7f);
  }
  EXPECT_EQ(json::parse(text)["user"], event.user);
}

TEST(AuditEventToJson, LettersBeyondAsciiSurvive) {
  AuditEvent event;
  event.user = "J\u00fcrgen \U0001f600";
  EXPECT_EQ(json::parse(AuditEventToJson(event))["user"], event.user);
}

TEST(AuditEventToJson, TextThatIsNotUtf8IsReplaced) {
  for (const std::string_view invalid : {"\xff", "\xc3", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80"}) {
    AuditEvent event;
    event.user = std::string("a") + std::string(invalid) + "b";
    const std::string user = json::parse(AuditEventToJson(event))["user"];
    EXPECT_THAT(user, ::testing::StartsWith("a\ufffd"));
    EXPECT_THAT(user, ::testing::EndsWith("b"));
  }
}

}  // namespace
}  // namespace epa
