#include "tools/epa/decode/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "epa/core/channel_bindings.h"
#include "lib/base/base64.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_data.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/decode/decode_token.h"
#include "tools/epa/decode/token_input.h"

namespace epa::tool {
namespace {

using test::FromHex;

const nlohmann::json& Entry(std::string_view name) {
  static const nlohmann::json entries = test::ReadTestJson("ntlm/ntlm_messages.json").at("entries");
  return *std::find_if(entries.begin(), entries.end(),
                       [&](const nlohmann::json& entry) { return entry.at("name") == name; });
}

std::vector<uint8_t> Message(std::string_view name) {
  return FromHex(Entry(name).at("message").get<std::string>());
}

std::vector<std::string> Keys(const Json& document) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : document.items()) {
    keys.push_back(key);
  }
  return keys;
}

const Json* AvPair(const Json& document, int id) {
  for (const Json& pair : document.at("av_pairs")) {
    if (pair.at("id") == id) {
      return &pair;
    }
  }
  return nullptr;
}

TEST(DecodeToken, NegotiateShowsFlagsNamesAndVersion) {
  const DecodedToken decoded = DecodeToken(Message("kerberos.net-type1-2"));
  EXPECT_FALSE(decoded.malformed);
  const Json& document = decoded.document;
  EXPECT_EQ(document.at("kind"), "ntlm");
  EXPECT_EQ(document.at("message"), "negotiate");
  EXPECT_EQ(document.at("flags"), "0xe208b297");
  EXPECT_EQ(document.at("flag_names").front(), "NTLMSSP_NEGOTIATE_UNICODE");
  EXPECT_EQ(document.at("flag_names").back(), "NTLMSSP_NEGOTIATE_56");
  EXPECT_EQ(document.at("domain"), "WORKGROUP");
  EXPECT_EQ(document.at("workstation"), "DESKTOP-Q8RE0UE");
  EXPECT_EQ(document.at("version"), "10.0.17134 rev 15");
}

TEST(DecodeToken, AbsentFieldsAreLeftOut) {
  const DecodedToken decoded = DecodeToken(Message("go-ntlmssp-type1-1"));
  EXPECT_EQ(Keys(decoded.document),
            (std::vector<std::string>{"kind", "message", "flags", "flag_names"}));
}

TEST(DecodeToken, ChallengeShowsItsPairs) {
  const DecodedToken decoded = DecodeToken(Message("sspi-rs-type2-1"));
  EXPECT_FALSE(decoded.malformed);
  EXPECT_EQ(Keys(decoded.document),
            (std::vector<std::string>{"kind", "message", "flags", "flag_names", "target_name",
                                      "server_challenge", "version", "av_pairs"}));
  EXPECT_EQ(decoded.document.at("server_challenge"), "c86f7d24d5b06565");
  EXPECT_EQ(decoded.document.at("av_pairs").size(), 5u);
  EXPECT_EQ(AvPair(decoded.document, 1)->at("name"), "MsvAvNbComputerName");
  EXPECT_EQ(AvPair(decoded.document, 1)->at("value"), "VGPC");
  EXPECT_EQ(AvPair(decoded.document, 7)->at("value"), "802600e14acfd401");
}

TEST(DecodeToken, AuthenticateShowsEverything) {
  const DecodedToken decoded = DecodeToken(Message("cap-win10-smb311-lgreen-f38-authenticate"));
  EXPECT_FALSE(decoded.malformed);
  const Json& document = decoded.document;
  EXPECT_EQ(Keys(document),
            (std::vector<std::string>{"kind", "message", "flags", "flag_names", "domain", "user",
                                      "workstation", "version", "lm_response", "nt_response",
                                      "encrypted_session_key", "mic", "av_pairs"}));
  EXPECT_EQ(document.at("user"), "01566S-WIN16-IR$");
  EXPECT_EQ(document.at("mic"), "80fe59df58a3306ca7784b665f772585");
  EXPECT_EQ(AvPair(document, 6)->at("value"), "02000000");
  EXPECT_EQ(AvPair(document, 9)->at("value"), "cifs/172.16.66.37");
  EXPECT_EQ(AvPair(document, 10)->at("value"), std::string(32, '0'));
  EXPECT_EQ(AvPair(document, 0), nullptr);
}

TEST(DecodeToken, EveryVectorIsJudgedAsExpected) {
  const nlohmann::json entries = test::ReadTestJson("ntlm/ntlm_messages.json").at("entries");
  for (const nlohmann::json& entry : entries) {
    SCOPED_TRACE(entry.at("name").get<std::string>());
    const DecodedToken decoded = DecodeToken(FromHex(entry.at("message").get<std::string>()));
    EXPECT_EQ(decoded.malformed, !entry.at("expected").at("valid").get<bool>());
    EXPECT_EQ(decoded.document.contains("error"), decoded.malformed);
    const nlohmann::json fields = entry.at("expected").value("fields", nlohmann::json::object());
    for (const char* key :
         {"flags", "server_challenge", "domain", "user", "workstation", "version", "mic"}) {
      if (fields.contains(key)) {
        EXPECT_EQ(decoded.document.value(key, ""), fields.at(key).get<std::string>()) << key;
      }
    }
  }
}

TEST(DecodeToken, MalformedShowsWhatCouldBeReadAndWhere) {
  const DecodedToken decoded = DecodeToken(Message("malformed-authenticate-nt-overrun"));
  EXPECT_TRUE(decoded.malformed);
  EXPECT_EQ(decoded.document.at("user"), "administrator");
  EXPECT_EQ(decoded.document.at("error").at("offset"), 20);
  EXPECT_EQ(decoded.document.at("error").at("reason"), "NtChallengeResponse leaves the payload");
}

TEST(DecodeToken, UnknownMessageTypeIsNtlmAllTheSame) {
  const DecodedToken decoded = DecodeToken(Message("malformed-type-4"));
  EXPECT_EQ(decoded.document.at("kind"), "ntlm");
  EXPECT_EQ(decoded.document.at("error").at("offset"), 8);
}

TEST(DecodeToken, BrokenTextShowsAsReplacementCharacters) {
  std::vector<uint8_t> octets = Message("sspi-rs-type2-3");
  EXPECT_EQ(DecodeToken(octets).document.at("target_name"), "\xEF\xBF\xBD");
}

TEST(DecodeToken, ChannelBindingsOfBothForms) {
  const ChannelBindings bindings =
      ChannelBindings::FromApplicationData(test::OctetsOf("tls-unique:0123456789abcdef")).value();
  const DecodedToken plain = DecodeToken(bindings.ToSecChannelBindings());
  EXPECT_FALSE(plain.malformed);
  EXPECT_EQ(plain.document.at("kind"), "sec_channel_bindings");
  EXPECT_EQ(plain.document.at("type"), "tls-unique");
  EXPECT_EQ(plain.document.at("application_data"),
            "746c732d756e697175653a30313233343536373839616263646566");
  const DecodedToken extended = DecodeToken(bindings.ToSecChannelBindingsEx(1));
  EXPECT_EQ(extended.document.at("extended_flags"), 1);
  EXPECT_EQ(extended.document.at("token"), plain.document.at("token"));
}

TEST(DecodeToken, CutOffChannelBindingsAreMalformed) {
  EXPECT_TRUE(DecodeToken(std::vector<uint8_t>(31)).malformed);
}

TEST(DecodeToken, OtherOctetsAreUnknown) {
  const DecodedToken decoded = DecodeToken(test::OctetsOf("ntlmssp"));
  EXPECT_TRUE(decoded.malformed);
  EXPECT_EQ(decoded.document.at("kind"), "unknown");
}

TEST(TokenInput, EveryFormOfOneToken) {
  const std::vector<uint8_t> token = Message("sspi-rs-type1-1");
  const std::string base64 = EncodeBase64(token);
  const std::string hex = test::ToHex(token);
  std::string upper = hex;
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  for (const std::string& content : {
           hex,
           upper,
           hex.substr(0, 20) + "\n " + hex.substr(20) + "\n",
           base64,
           base64.substr(0, 10) + "\r\n" + base64.substr(10),
           "Authorization: NTLM " + base64,
           "WWW-Authenticate: Negotiate " + base64 + "\r\n",
           "www-authenticate: Basic realm=\"x\", NTLM, Negotiate " + base64,
           "PROXY-AUTHORIZATION:ntlm " + base64,
           "NTLM " + base64,
           std::string(token.begin(), token.end()),
       }) {
    const auto read = TokenFromContent(content);
    ASSERT_TRUE(read.ok()) << content;
    EXPECT_EQ(*read, token) << content;
  }
}

TEST(TokenInput, WhatCarriesNoTokenIsSaid) {
  for (const char* content : {"", " \n", "WWW-Authenticate: NTLM", "WWW-Authenticate: Basic x",
                              "Authorization: NTLM !!!!", "not a token", "abc"}) {
    EXPECT_FALSE(TokenFromContent(content).ok()) << content;
  }
}

TEST(Decode, RendersTimesFlagsAndPairsForPeople) {
  const DecodedToken decoded = DecodeToken(Message("sspi-rs-type3-1"));
  const std::string text = RenderDocument(decoded.document, Printer());
  EXPECT_NE(text.find("2019-02-"), std::string::npos) << text;
  EXPECT_NE(text.find("0x00000002, MIC present"), std::string::npos);
  EXPECT_NE(text.find("TERMSRV/0.0.0.0"), std::string::npos);
  EXPECT_NE(text.find("NTLMSSP_NEGOTIATE_KEY_EXCH"), std::string::npos);
}

TEST(Decode, ControlCharactersOfStrangersStayVisible) {
  const Json document = {{"kind", "ntlm"},
                         {"user",
                          "a\x1b[2J\xC2\x9B"
                          "b\x7f"}};
  const std::string text = RenderDocument(document, Printer());
  EXPECT_NE(text.find("a\\x1b[2J\\x9bb\\x7f"), std::string::npos) << text;
}

TEST(Decode, TextThatIsNoUtf8StaysVisible) {
  const Json document = {{"kind", "kerberos"}, {"realm", "a\x9b[2J\xC3"}};
  const std::string text = RenderDocument(document, Printer());
  EXPECT_NE(text.find("a\\x9b[2J\\xc3"), std::string::npos) << text;
  EXPECT_EQ(Printable("stra\xC3\x9F\x65"), "stra\xC3\x9F\x65");
}

TEST(Decode, CharactersThatHideOrTurnOthersAreNamed) {
  EXPECT_EQ(Printable("ad\u202Enim"), "ad\\u202enim");           // RIGHT-TO-LEFT OVERRIDE
  EXPECT_EQ(Printable("a\u200Bb\u2066c"), "a\\u200bb\\u2066c");  // ZERO WIDTH SPACE, an isolate
  EXPECT_EQ(Printable("a\u2028b\uFEFF"), "a\\u2028b\\ufeff");
  EXPECT_EQ(Printable("a\U000E0041"), "a\\ue0041");  // a tag
  EXPECT_EQ(Printable("\u05D0\u65E5\U0001F511"), "\u05D0\u65E5\U0001F511");
}

TEST(Decode, ExitStatuses) {
  const auto run = [](const std::string& argument) {
    const std::vector<std::string> arguments = {"--json", argument};
    return RunDecode(arguments);
  };
  EXPECT_EQ(run(test::ToHex(Message("sspi-rs-type1-1"))), kExitDone);
  EXPECT_EQ(run(test::ToHex(Message("malformed-type-0"))), kExitUsage);
  EXPECT_EQ(run("no such token"), kExitUsage);
}

TEST(Decode, ReadsAFileOfRawOctets) {
  const test::TemporaryFolder folder;
  const std::vector<uint8_t> token = Message("sspi-rs-type1-1");
  const auto content =
      ContentOfArgument(folder.Write("token", std::string(token.begin(), token.end())));
  ASSERT_TRUE(content.ok());
  EXPECT_EQ(TokenFromContent(*content).value(), token);
}

}  // namespace
}  // namespace epa::tool
