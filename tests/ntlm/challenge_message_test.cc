#include "providers/ntlm/messages/challenge_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lib/base/hex.h"
#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

std::vector<uint8_t> Hex(std::string_view text) { return DecodeHex(text).value(); }

const std::string kStart = "4e544c4d5353500002000000";
const std::string kChallenge = "0123456789abcdef";
const std::string kReserved = "0000000000000000";
const std::string kNoField = "0000000000000000";

TEST(ChallengeMessage, OldFormOf32OctetsHasNoTargetInformation) {
  const auto message = ParseChallengeMessage(Hex(kStart + kNoField + "01820000" + kChallenge));
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(EncodeHex(message->server_challenge), kChallenge);
  EXPECT_TRUE(message->target_info.empty());
}

TEST(ChallengeMessage, OldFormMayCarryTheNameAt32) {
  const std::vector<uint8_t> octets = Hex(kStart +
                                          "0400040020000000"
                                          "01820000" +
                                          kChallenge + "4c004100");
  const auto message = ParseChallengeMessage(octets);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(NameToUtf8(message->target_name, message->flags), "LA");
}

// gss-ntlmssp#90: a CHALLENGE without a target name.
TEST(ChallengeMessage, NameMayBeAbsent) {
  const auto message =
      ParseChallengeMessage(Hex(kStart + kNoField + "01828200" + kChallenge + kReserved +
                                "0400040030000000"
                                "00000000"));
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_TRUE(message->target_name.empty());
  EXPECT_EQ(message->target_info.size(), 4u);
}

// CVE-2020-13396: a CHALLENGE cut off anywhere in its header or payload.
TEST(ChallengeMessage, EveryTruncationIsRefused) {
  const std::vector<uint8_t> whole = Hex(kStart +
                                         "0200020030000000"
                                         "01828200" +
                                         kChallenge + kReserved +
                                         "0800080032000000"
                                         "4c00"
                                         "0100000000000000");
  ASSERT_TRUE(ParseChallengeMessage(whole).ok());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParseChallengeMessage(std::span(whole).first(size)).ok()) << size;
  }
}

// CVE-2018-16890, CVE-2018-8789, CVE-2023-25563, CVE-2026-32952: offset + length past the end or
// wrapping.
TEST(ChallengeMessage, TargetInformationOutsideTheMessageIsRefused) {
  for (const char* field : {"0400040031000000", "04000400ffffffff", "ffffffff30000000",
                            "0400040000000080", "04000400fcffffff"}) {
    ChallengeMessage message;
    const std::optional<MessageFault> fault = ReadChallengeMessage(
        Hex(kStart + kNoField + "01828200" + kChallenge + kReserved + field + "00000000"), message);
    ASSERT_TRUE(fault.has_value()) << field;
    EXPECT_EQ(fault->offset, 40u) << field;
    EXPECT_EQ(message.flags, 0x00828201u) << "what was read before is kept";
  }
}

TEST(ChallengeMessage, PayloadInsideTheHeaderIsRefused) {
  const std::string info = "040004002f000000";
  EXPECT_FALSE(ParseChallengeMessage(
                   Hex(kStart + kNoField + "01828200" + kChallenge + kReserved + info + "00000000"))
                   .ok());
  EXPECT_FALSE(ParseChallengeMessage(Hex(kStart +
                                         "0400040020000000"
                                         "01828200" +
                                         kChallenge + kReserved +
                                         "0400040030000000"
                                         "00000000"))
                   .ok());
}

// CVE-2023-25565: a broken list after good pairs; nothing is owned, so nothing is freed twice.
TEST(ChallengeMessage, FaultInThePairsHasTheOffsetInTheMessage) {
  ChallengeMessage message;
  const std::vector<uint8_t> octets = Hex(kStart + kNoField + "01828200" + kChallenge + kReserved +
                                          "0e000e0030000000"
                                          "0200020041000600020000000000");
  const std::optional<MessageFault> fault = ReadChallengeMessage(octets, message);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->offset, 48u + 6u);
  EXPECT_EQ(message.av_pairs.pairs().size(), 1u);
}

// CVE-2023-25564: text that is not UTF-16 yields no text at all.
TEST(ChallengeMessage, NameThatIsNotUtf16IsNoText) {
  EXPECT_FALSE(NameToUtf8(Hex("00d8"), kNegotiateUnicode).has_value());
  EXPECT_FALSE(NameToUtf8(Hex("410042"), kNegotiateUnicode).has_value());
  EXPECT_EQ(NameToUtf8(Hex("4142"), kNegotiateOem), "AB");
  EXPECT_EQ(NameToUtf8(Hex("41004200"), kNegotiateUnicode | kNegotiateOem), "AB");
}

TEST(ChallengeMessage, VersionNeedsItsFlagAndItsRoom) {
  const std::string fields = kChallenge + kReserved;
  const std::string version = "0a0063450000000f";
  const std::string eol = "00000000";
  const auto with = ParseChallengeMessage(
      Hex(kStart + kNoField + "01828202" + fields + "0400040038000000" + version + eol));
  ASSERT_TRUE(with.ok());
  EXPECT_EQ(with->version, (Version{10, 0, 17763, 15}));
  const auto no_flag = ParseChallengeMessage(
      Hex(kStart + kNoField + "01828200" + fields + "0400040038000000" + version + eol));
  ASSERT_TRUE(no_flag.ok());
  EXPECT_FALSE(no_flag->version.has_value());
  const auto no_room = ParseChallengeMessage(
      Hex(kStart + kNoField + "01828202" + fields + "0400040030000000" + eol + eol));
  ASSERT_TRUE(no_room.ok());
  EXPECT_FALSE(no_room->version.has_value());
}

TEST(ChallengeMessage, WritesOneBufferOfExactSize) {
  const std::vector<uint8_t> name = Hex("4c0041004200");
  const std::vector<uint8_t> info = Hex("0100000000000000");
  ChallengeMessage message;
  message.flags = kNegotiateUnicode | kNegotiateTargetInfo;
  message.server_challenge = {1, 2, 3, 4, 5, 6, 7, 8};
  message.target_name = name;
  message.target_info = info;
  message.version = Version{10, 0, 0, kNtlmRevision};
  const std::vector<uint8_t> octets = WriteChallengeMessage(message).value();
  EXPECT_EQ(octets.size(), 56 + name.size() + info.size());
  EXPECT_EQ(octets.capacity(), octets.size());
  const auto parsed = ParseChallengeMessage(octets);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->flags, message.flags | kNegotiateVersion);
  EXPECT_EQ(parsed->server_challenge, message.server_challenge);
  EXPECT_EQ(EncodeHex(parsed->target_name), EncodeHex(name));
  EXPECT_EQ(EncodeHex(parsed->target_info), EncodeHex(info));
  EXPECT_EQ(parsed->version, message.version);
}

TEST(ChallengeMessage, FieldTooLongToSayIsNotWritten) {
  const std::vector<uint8_t> big(65536);
  ChallengeMessage message;
  message.target_info = big;
  EXPECT_FALSE(WriteChallengeMessage(message).ok());
}

}  // namespace
}  // namespace epa::ntlm
