#include "lib/sasl/ldap_messages.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "lib/asn1/der_writer.h"
#include "tests/support/test_data.h"

namespace epa::sasl {
namespace {

using test::FromHex;
using test::ToHex;
using Kind = LdapBindRequest::Kind;

std::string Text(const std::optional<std::span<const uint8_t>>& octets) {
  return octets.has_value() ? std::string(octets->begin(), octets->end()) : "-";
}

// As clients send them: OpenLDAP's tools, impacket (Sicily), Windows (long lengths).
TEST(LdapMessages, ReadsBindRequests) {
  struct Row {
    std::string_view message;
    Kind kind;
    std::string_view mechanism;
    std::string_view credentials;
  };
  const Row rows[] = {
      {"300c020101600702010304008000", Kind::kSimple, "", ""},
      {"3016020101601102010304"
       "00a30a0406475353415049"
       "0400",
       Kind::kSasl, "GSSAPI", ""},
      {"3014020101600f0201030400a3080406475353415049", Kind::kSasl, "GSSAPI", "-"},
      {"3012020101600d0201030400a3060404"
       "4e544c4d",
       Kind::kSasl, "NTLM", "-"},
      {"300c020101600702010304008900", Kind::kSicilyDiscovery, "", ""},
      {"300e020101600902010304008a026869", Kind::kSicilyNegotiate, "", "hi"},
      {"300e0201016009020103"
       "04008b026869",
       Kind::kSicilyResponse, "", "hi"},
      {"30840000001002010160840000000702010304008000", Kind::kSimple, "", ""},
      {"300e02010160090201030400"
       "85026869",
       Kind::kUnknown, "", "hi"},
  };
  for (const Row& row : rows) {
    const std::vector<uint8_t> message = FromHex(row.message);
    EXPECT_TRUE(HasBindRequest(message)) << row.message;
    const auto request = ParseBindRequest(message);
    ASSERT_TRUE(request.has_value()) << row.message;
    EXPECT_EQ(request->message_id, 1);
    EXPECT_EQ(request->version, 3);
    EXPECT_EQ(request->name, "");
    EXPECT_EQ(request->kind, row.kind);
    EXPECT_EQ(request->mechanism, row.mechanism);
    EXPECT_EQ(Text(request->credentials), row.credentials);
    EXPECT_FALSE(request->critical_control);
  }
}

// What Windows' servers and clients sent each other.
TEST(LdapMessages, ReadsWhatWasCaptured) {
  const std::map<std::string, Kind> kinds = {{"sasl", Kind::kSasl},
                                             {"sicily negotiate", Kind::kSicilyNegotiate},
                                             {"sicily response", Kind::kSicilyResponse}};
  int count = 0;
  const nlohmann::json captured = test::ReadTestJson("sasl/ldap_binds.json");
  for (const auto& entry : captured["entries"]) {
    SCOPED_TRACE(entry["name"].get<std::string>());
    const std::vector<uint8_t> message = FromHex(entry["message"].get<std::string>());
    if (entry["kind"] == "request") {
      const auto request = ParseBindRequest(message);
      ASSERT_TRUE(request.has_value());
      EXPECT_EQ(request->message_id, entry["message_id"]);
      EXPECT_EQ(request->name, entry["bind_name"].get<std::string>());
      EXPECT_EQ(request->kind, kinds.at(entry["choice"]));
      EXPECT_EQ(request->mechanism, entry.value("mechanism", ""));
      EXPECT_EQ(ToHex(request->credentials.value()), entry["credentials"].get<std::string>());
    } else {
      const auto response = ParseBindResponse(message);
      ASSERT_TRUE(response.has_value());
      const auto sicily = ParseBindResponse(message, /*sicily=*/true);
      ASSERT_TRUE(sicily.has_value());
      EXPECT_EQ(ToHex(sicily->credentials.value()), entry["matched_dn"].get<std::string>());
      EXPECT_EQ(response->message_id, entry["message_id"]);
      EXPECT_EQ(static_cast<int>(response->result), entry["result"]);
      EXPECT_EQ(response->diagnostic, entry["diagnostic"].get<std::string>());
      EXPECT_EQ(ToHex(response->credentials.value_or(std::span<const uint8_t>())),
                entry.value("server_credentials", ""));
      // The same answer of ours, with the shortest lengths, is the same message.
      LdapBindResponse ours = *response;
      const std::vector<uint8_t> matched = FromHex(entry["matched_dn"].get<std::string>());
      if (!matched.empty()) {
        ours.sicily = true;
        ours.credentials = matched;
      }
      const std::vector<uint8_t> written = EncodeBindResponse(ours);
      EXPECT_TRUE(ParseBindResponse(written).has_value());
      EXPECT_NE(ToHex(written).find(entry["matched_dn"].get<std::string>()), std::string::npos);
    }
    ++count;
  }
  EXPECT_EQ(count, 6);
}

TEST(LdapMessages, RefusesWhatIsNoBindRequest) {
  for (const std::string_view message : {
           "", "30",
           "300c0201016007020103040080",      // cut
           "300c02010160070201030400800000",  // something behind it
           "300d020101600702010304008000"
           "00",                                    // something inside
           "300c020100600702010304008000",          // message ID 0
           "300c0201ff600702010304008000",          // and below
           "300b0200600702010304008000",            // an integer without octets
           "301002050000000001600702010304008000",  // and with too many
           "3080020101600702010304008000"
           "0000",                          // an indefinite length
           "3084ffffffff020101",            // a length that is not there
           "300c020101610702010304008000",  // a bind response
           "3006020101420000",              // unbind and more
           "3010020101600b0201030400a304040047"
           "00",  // SASL with a broken mechanism
           "300a020101600502010304"
           "00",  // no choice
       }) {
    EXPECT_FALSE(ParseBindRequest(FromHex(message)).has_value()) << message;
  }
}

TEST(LdapMessages, WhatIsNoMessageHasNoBindRequest) {
  for (const std::string_view message : {
           "", "30", "300c02010160",        // cut
           "040c020101600702010304008000",  // no sequence
           "300c020101610702010304008000",  // another operation
       }) {
    EXPECT_FALSE(HasBindRequest(FromHex(message))) << message;
  }
}

TEST(LdapMessages, SeesCriticalControls) {
  const std::string bind = "600702010304008000";
  struct Row {
    std::string controls;
    bool critical;
    bool valid;
  };
  const Row rows[] = {
      {"a0093007"
       "0403312e32"
       "0400",
       false, true},
      {"a00a3008"
       "0403312e32"
       "0101ff",
       true, true},
      {"a00a3008"
       "0403312e32"
       "010100",
       false, true},
      {"a00a3008"
       "0403312e32"
       "0201ff",
       false, false},
      {"a0093007"
       "0403312e32"
       "0100",
       false, false},
      {"a1093007"
       "0403312e32"
       "0400",
       false, false},
      {"a0023000", false, false},
      {"a000", false, true},
  };
  for (const Row& row : rows) {
    const std::string content = "020101" + bind + row.controls;
    const auto message = asn1::Element(0x30, FromHex(content));
    const auto request = ParseBindRequest(message);
    ASSERT_EQ(request.has_value(), row.valid) << row.controls;
    if (row.valid) {
      EXPECT_EQ(request->critical_control, row.critical) << row.controls;
    }
  }
}

TEST(LdapMessages, WritesBindRequests) {
  const std::vector<uint8_t> token = FromHex("6869");
  EXPECT_EQ(ToHex(EncodeBindRequest({.message_id = 1, .mechanism = "NTLM", .credentials = token})),
            "301602010160110201030400a30a04044e544c4d04026869");
  // What an empty response is to OpenLDAP: no credentials at all.
  EXPECT_EQ(ToHex(EncodeBindRequest({.message_id = 2, .mechanism = "GSSAPI"})),
            "3014020102600f0201030400a3080406475353415049");
  EXPECT_EQ(ToHex(EncodeBindRequest({.message_id = 300, .mechanism = "NTLM"})),
            "30130202012c600d0201030400a30604044e544c4d");
  EXPECT_EQ(
      ToHex(EncodeBindRequest(
          {.message_id = 1, .name = "NTLM", .kind = Kind::kSicilyNegotiate, .credentials = token})),
      "3012020101600d02010304044e544c4d8a026869");
  EXPECT_EQ(ToHex(EncodeBindRequest(
                {.message_id = 2, .kind = Kind::kSicilyResponse, .credentials = token})),
            "300e020102600902010304008b026869");
}

TEST(LdapMessages, WritesAndReadsBindResponses) {
  EXPECT_EQ(ToHex(EncodeBindResponse({.message_id = 1})), "300c02010161070a010004000400");
  const std::vector<uint8_t> token = FromHex("6869");
  const LdapBindResponse progress = {
      .message_id = 1, .result = LdapResult::kSaslBindInProgress, .credentials = token};
  const std::vector<uint8_t> octets = EncodeBindResponse(progress);
  EXPECT_EQ(ToHex(octets), "3010020101610b0a010e0400040087026869");
  const auto read = ParseBindResponse(octets);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->result, LdapResult::kSaslBindInProgress);
  EXPECT_EQ(Text(read->credentials), "hi");
  LdapBindResponse sicily = progress;
  sicily.sicily = true;
  sicily.result = LdapResult::kSuccess;
  EXPECT_EQ(ToHex(EncodeBindResponse(sicily)), "300e02010161090a0100040268690400");
}

TEST(LdapMessages, ReadsWhatServersAnswer) {
  // Active Directory has credentials in every answer, slapd in none but a challenge.
  const std::vector<uint8_t> directory = FromHex("300e02010161090a0100040004008700");
  const auto with = ParseBindResponse(directory);
  ASSERT_TRUE(with.has_value());
  EXPECT_EQ(Text(with->credentials), "");
  const std::vector<uint8_t> slapd = FromHex("300c02010161070a013104000400");
  const auto without = ParseBindResponse(slapd);
  ASSERT_TRUE(without.has_value());
  EXPECT_EQ(without->result, LdapResult::kInvalidCredentials);
  EXPECT_FALSE(without->credentials.has_value());
  for (const std::string_view message :
       {"", "300c02010160070a010004000400", "300c02010161070a01000400",
        "300d02010161080a01000400040000"}) {
    EXPECT_FALSE(ParseBindResponse(FromHex(message)).has_value()) << message;
  }
}

}  // namespace
}  // namespace epa::sasl
