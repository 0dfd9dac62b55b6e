// Messages of real SMB2 session set-ups as documents.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "epa/smb2/header.h"
#include "lib/smb2/messages/session_setup.h"
#include "tests/support/test_data.h"
#include "tools/epa/decode/decode_token.h"

namespace epa::tool {
namespace {

using nlohmann::json;
using test::FromHex;

const json& Sessions() {
  static const json entries = test::ReadTestJson("smb2/sessions.json").at("entries");
  return entries;
}

std::vector<uint8_t> Octets(const json& message) {
  return FromHex(message.at("hex").get<std::string>());
}

std::vector<uint8_t> Framed(const std::vector<uint8_t>& message) {
  std::vector<uint8_t> framed = {0, 0, static_cast<uint8_t>(message.size() >> 8),
                                 static_cast<uint8_t>(message.size())};
  framed.insert(framed.end(), message.begin(), message.end());
  return framed;
}

std::string KindOfInner(const Json& document) {
  return document.contains("inner") ? document.at("inner").at("kind").get<std::string>() : "";
}

TEST(DecodeSmb2Test, EveryRecordedMessageIsRead) {
  for (const json& session : Sessions()) {
    for (const json& message : session.at("messages")) {
      const DecodedToken decoded = DecodeToken(Octets(message));
      const Json& document = decoded.document;
      ASSERT_FALSE(decoded.malformed) << session.at("name") << document.dump(2);
      EXPECT_EQ(document.at("kind"), "smb2");
      EXPECT_EQ(document.at("message"),
                message.at("command") == "NEGOTIATE" ? "negotiate" : "session_setup");
      EXPECT_EQ(document.at("direction"),
                message.at("response").get<bool>() ? "response" : "request");
      EXPECT_EQ(document.at("message_id"), message.at("message_id").get<uint64_t>());
      EXPECT_EQ(document.at("signed"), message.at("signed").get<bool>());
      ASSERT_EQ(document.contains("token"), message.contains("security_buffer")) << document;
      if (document.contains("token")) {
        EXPECT_EQ(document.at("token"), message.at("security_buffer").get<std::string>());
        EXPECT_TRUE(KindOfInner(document) == "spnego" || KindOfInner(document) == "ntlm")
            << document;
      }
    }
  }
}

TEST(DecodeSmb2Test, TheLengthThatTcpNeedsMayStandBefore) {
  const std::vector<uint8_t> message = Octets(Sessions().front().at("messages").front());
  EXPECT_EQ(DecodeToken(Framed(message)).document, DecodeToken(message).document);
  const std::vector<uint8_t> cut(message.begin(), message.begin() + 70);
  EXPECT_EQ(DecodeToken(Framed(cut)).document.at("error").at("offset").get<size_t>(),
            DecodeToken(cut).document.at("error").at("offset").get<size_t>() + 4);
}

TEST(DecodeSmb2Test, CutMessagesSayWhere) {
  for (const json& message : Sessions().front().at("messages")) {
    const std::vector<uint8_t> octets = Octets(message);
    for (size_t size = 4; size < octets.size(); ++size) {
      const DecodedToken decoded = DecodeToken(std::span(octets).first(size));
      // Padding and contexts at the end may be gone without a loss.
      if (decoded.malformed) {
        EXPECT_LE(decoded.document.at("error").at("offset"), size);
      } else {
        EXPECT_GT(size, 64U);
      }
    }
  }
}

TEST(DecodeSmb2Test, AFaultOfTheTokenInsideHasItsPlaceInTheMessage) {
  // An NTLM message of a type there is not: the type is at offset 8 of the token.
  const std::vector<uint8_t> token = FromHex(
      "4e544c4d53535000"
      "09000000");
  smb2::Header header;
  header.command = smb2::Command::kSessionSetup;
  std::vector<uint8_t> message(smb2::kHeaderSize);
  smb2::WriteHeader(header, std::span<uint8_t, smb2::kHeaderSize>(message));
  const std::vector<uint8_t> body = smb2::WriteSessionSetupRequest({.token = token});
  message.insert(message.end(), body.begin(), body.end());
  const DecodedToken decoded = DecodeToken(message);
  ASSERT_TRUE(decoded.malformed);
  EXPECT_EQ(decoded.document.at("error").at("offset"), message.size() - token.size() + 8);
  EXPECT_EQ(KindOfInner(decoded.document), "ntlm");
  const DecodedToken framed = DecodeToken(Framed(message));
  EXPECT_EQ(framed.document.at("error").at("offset"), message.size() - token.size() + 8 + 4);
}

TEST(DecodeSmb2Test, OtherCommandsShowTheirHeader) {
  std::vector<uint8_t> message(64 + 4);
  const uint8_t start[] = {0xfe, 'S', 'M', 'B', 64, 0};
  std::copy(std::begin(start), std::end(start), message.begin());
  message[12] = 13;  // ECHO
  const DecodedToken decoded = DecodeToken(message);
  EXPECT_FALSE(decoded.malformed);
  EXPECT_EQ(decoded.document.at("message"), "command 13");
}

}  // namespace
}  // namespace epa::tool
