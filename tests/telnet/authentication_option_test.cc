// The sub-negotiations of RFC 2941 and [MS-TNAP], octet by octet.
#include "lib/telnet/authentication_option.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "lib/telnet/stream.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::telnet {
namespace {

using ::testing::HasSubstr;

// The body of the one sub-negotiation of AUTHENTICATION that `frame` is; nothing where it is none.
std::optional<std::vector<uint8_t>> BodyOf(const std::vector<uint8_t>& frame) {
  StreamReader stream(64 * 1024);
  ByteReader input(frame);
  const std::optional<Element> element = stream.Next(input);
  if (!element.has_value() || element->kind != Element::Kind::kSuboption ||
      element->option != kAuthentication || !input.at_end()) {
    return std::nullopt;
  }
  return std::vector<uint8_t>(element->octets.begin(), element->octets.end());
}

// What the vectors call the reason of a message that is framed well and holds another NTLM
// message: the package's to refuse (exchange_test.cc).
bool IsForThePackage(const nlohmann::json& expected) {
  return expected.value("reason", "") == "NTLM message does not fit the command";
}

std::string_view VerbName(AuthenticationVerb verb) {
  constexpr std::string_view kNames[] = {"IS", "SEND", "REPLY", "NAME"};
  return kNames[static_cast<size_t>(verb)];
}

std::string_view CommandName(NtlmCommand command) {
  constexpr std::string_view kNames[] = {"NTLM_NEGOTIATE", "NTLM_CHALLENGE", "NTLM_AUTHENTICATE",
                                         "NTLM_ACCEPT", "NTLM_REJECT"};
  return kNames[static_cast<size_t>(command)];
}

void ExpectFields(const AuthenticationMessage& message, const nlohmann::json& expected) {
  EXPECT_EQ(VerbName(message.verb), expected["subcommand"].get<std::string>());
  if (expected.contains("pairs")) {
    ASSERT_EQ(message.offered.size(), expected["pairs"].size());
    for (size_t i = 0; i < message.offered.size(); ++i) {
      EXPECT_EQ(message.offered[i].type, expected["pairs"][i][0]);
      EXPECT_EQ(message.offered[i].modifiers, expected["pairs"][i][1]);
    }
    return;
  }
  EXPECT_EQ(message.pair.type, expected["type"]);
  EXPECT_EQ(message.pair.modifiers, expected["modifier"]);
  ASSERT_EQ(message.ntlm.has_value(), expected.contains("command"));
  if (message.ntlm.has_value()) {
    EXPECT_EQ(CommandName(*message.ntlm), expected["command"].get<std::string>());
    EXPECT_EQ(test::ToHex(message.token), expected.value("ntlm", ""));
  }
}

// The frame that our writers make of what was read.
std::vector<uint8_t> Rewritten(const AuthenticationMessage& message) {
  std::vector<uint8_t> body;
  if (message.verb == AuthenticationVerb::kSend) {
    body = EncodeSend(message.offered);
  } else if (message.verb == AuthenticationVerb::kIs) {
    body = EncodeNtlmIs(*message.ntlm, message.token);
  } else {
    body = EncodeNtlmReply(*message.ntlm, message.token);
  }
  return EncodeSuboption(kAuthentication, body);
}

TEST(AuthenticationOption, VectorsAreReadAndWrittenOctetByOctet) {
  int rewritten = 0;
  const nlohmann::json vectors = test::ReadTestJson("telnet/telnet_tnap.json");
  for (const nlohmann::json& entry : vectors["entries"]) {
    SCOPED_TRACE(entry["name"].get<std::string>());
    const nlohmann::json& expected = entry["expected"];
    const std::vector<uint8_t> frame = test::FromHex(entry["frame"].get<std::string>());
    const auto body = BodyOf(frame);
    const bool framed = body.has_value();
    const auto message = framed ? ParseAuthentication(*body) : absl::InvalidArgumentError("");
    ASSERT_EQ(message.ok(), expected["valid"].get<bool>() || IsForThePackage(expected))
        << message.status();
    if (!expected["valid"]) {
      continue;
    }
    ExpectFields(*message, expected);
    if (message->ntlm.has_value() || message->verb == AuthenticationVerb::kSend) {
      EXPECT_EQ(test::ToHex(Rewritten(*message)), entry["frame"].get<std::string>());
      ++rewritten;
    }
  }
  EXPECT_EQ(rewritten, 12);
}

TEST(AuthenticationOption, FramesOfTheSpecification) {
  EXPECT_EQ(test::ToHex(EncodeSuboption(kAuthentication, EncodeSend({{kNtlmPair}}))),
            "fffa25010f00fff0");
  EXPECT_EQ(test::ToHex(EncodeSuboption(kAuthentication, EncodeIsNull())), "fffa25000000fff0");
  EXPECT_EQ(test::ToHex(EncodeSuboption(kAuthentication, EncodeNtlmReply(NtlmCommand::kAccept))),
            "fffa25020f0003fff0");
  EXPECT_EQ(test::ToHex(EncodeSuboption(kAuthentication, EncodeNtlmReply(NtlmCommand::kReject))),
            "fffa25020f0004fff0");
  const std::vector<uint8_t> token = {0x4e, 0xff, 0x00};
  EXPECT_EQ(
      test::ToHex(EncodeSuboption(kAuthentication, EncodeNtlmIs(NtlmCommand::kNegotiate, token))),
      "fffa25000f000003000000020000004effff00fff0");
}

TEST(AuthenticationOption, TheSampleNegotiateIs78OctetsAsASegment) {
  // [MS-TNAP] 4.1: WILL ENCRYPT and the rest of the client's answer aside, a NEGOTIATE of 40
  // octets makes a sub-negotiation of 57.
  const std::vector<uint8_t> token(40, 1);
  EXPECT_EQ(EncodeSuboption(kAuthentication, EncodeNtlmIs(NtlmCommand::kNegotiate, token)).size(),
            40u + 17u);
}

TEST(AuthenticationOption, ErrorsSayWhere) {
  const std::vector<uint8_t> odd = {1, 15};
  EXPECT_THAT(ParseAuthentication(odd),
              test::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("offset 2")));
  const std::vector<uint8_t> unknown = {0, 15, 0, 5};
  EXPECT_THAT(ParseAuthentication(unknown),
              test::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("offset 4")));
}

// [MS-TNAP] 2.2.2: BufferType MUST be 2.
TEST(AuthenticationOption, TheBufferTypeIs2) {
  const std::vector<uint8_t> token(9);
  for (std::vector<uint8_t> body : {EncodeNtlmIs(NtlmCommand::kNegotiate, token),
                                    EncodeNtlmReply(NtlmCommand::kChallenge, token),
                                    EncodeNtlmIs(NtlmCommand::kAuthenticate, token)}) {
    ASSERT_OK(ParseAuthentication(body));
    for (size_t i = 0; i < 4; ++i) {
      std::vector<uint8_t> other = body;
      other[8 + i] ^= 1;
      EXPECT_THAT(ParseAuthentication(other),
                  test::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("buffer type")))
          << i;
    }
  }
}

TEST(AuthenticationOption, EveryTruncationOfANegotiateIsMalformed) {
  const std::vector<uint8_t> body = EncodeNtlmIs(NtlmCommand::kNegotiate, std::vector<uint8_t>(9));
  ASSERT_OK(ParseAuthentication(body));
  for (size_t size = 0; size < body.size(); ++size) {
    EXPECT_THAT(ParseAuthentication(std::span(body).first(size)),
                test::StatusIs(absl::StatusCode::kInvalidArgument))
        << size;
  }
}

TEST(AuthenticationOption, NameIsAClaimWhoseContentNobodyReads) {
  const std::vector<uint8_t> name = {3, 'r', 'o', 'o', 't'};
  ASSERT_OK_AND_ASSIGN(const AuthenticationMessage message, ParseAuthentication(name));
  EXPECT_EQ(message.verb, AuthenticationVerb::kName);
  EXPECT_TRUE(message.token.empty());
}

}  // namespace
}  // namespace epa::telnet
