#include "providers/ntlm/messages/negotiate_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lib/base/hex.h"
#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

std::vector<uint8_t> Hex(std::string_view text) { return DecodeHex(text).value(); }
std::vector<uint8_t> Octets(std::string_view text) { return {text.begin(), text.end()}; }

const std::string kStart = "4e544c4d5353500001000000";

TEST(NegotiateMessage, SixteenOctetsAreEnough) {
  const auto message = ParseNegotiateMessage(Hex(kStart + "97820820"));
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->flags, 0x20088297u);
  EXPECT_FALSE(message->version.has_value());
}

// CVE-2020-11088, CVE-2020-11087: a truncated NEGOTIATE read past its end.
TEST(NegotiateMessage, ShorterThanItsFlagsIsRefused) {
  const std::vector<uint8_t> whole = Hex(kStart + "97820820");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParseNegotiateMessage(std::span(whole).first(size)).ok()) << size;
  }
}

TEST(NegotiateMessage, NamesWithoutTheirFlagAreIgnored) {
  const auto message = ParseNegotiateMessage(Hex(kStart + "07820820"
                                                          "0c000c00f0000000"
                                                          "0c000c00f0000000"));
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_TRUE(message->domain.empty());
  EXPECT_TRUE(message->workstation.empty());
}

TEST(NegotiateMessage, NameOneOctetBeyondTheEndIsRefused) {
  const std::string header = kStart +
                             "07920800"
                             "0300030020000000"
                             "0000000000000000";
  EXPECT_TRUE(ParseNegotiateMessage(Hex(header + "414243")).ok());
  EXPECT_FALSE(ParseNegotiateMessage(Hex(header + "4142")).ok());
}

TEST(NegotiateMessage, NameInsideTheHeaderIsRefused) {
  EXPECT_FALSE(ParseNegotiateMessage(Hex(kStart + "07920800"
                                                  "0300030017000000"
                                                  "0000000000000000"
                                                  "414243"))
                   .ok());
  EXPECT_FALSE(ParseNegotiateMessage(Hex(kStart + "07a20800"
                                                  "0000000000000000"
                                                  "030003001f000000"
                                                  "414243"))
                   .ok());
}

// CVE-2018-8789: offset + length wraps in 32 bits.
TEST(NegotiateMessage, OffsetNearTheLimitDoesNotWrap) {
  EXPECT_FALSE(ParseNegotiateMessage(Hex(kStart + "07920800"
                                                  "03000300ffffffff"
                                                  "0000000000000000"
                                                  "414243"))
                   .ok());
}

TEST(NegotiateMessage, WritesNamesAndVersionWithTheirFlags) {
  const std::vector<uint8_t> domain = Octets("LAB");
  const std::vector<uint8_t> workstation = Octets("HOST");
  NegotiateMessage message;
  message.flags = kNegotiateUnicode;
  message.domain = domain;
  message.workstation = workstation;
  message.version = Version{10, 0, 17763, kNtlmRevision};
  const std::vector<uint8_t> octets = WriteNegotiateMessage(message).value();
  EXPECT_EQ(octets.size(), 47u);
  const auto parsed = ParseNegotiateMessage(octets);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->flags, kNegotiateUnicode | kNegotiateOemDomainSupplied |
                               kNegotiateOemWorkstationSupplied | kNegotiateVersion);
  EXPECT_EQ(OemToUtf8(parsed->domain), "LAB");
  EXPECT_EQ(OemToUtf8(parsed->workstation), "HOST");
  EXPECT_EQ(parsed->version, message.version);
}

// CVE-2018-14618, CVE-2019-17455: names longer than the writer's fields.
TEST(NegotiateMessage, NameTooLongToSayIsNotWritten) {
  const std::vector<uint8_t> name(65536, 'A');
  NegotiateMessage message;
  message.domain = name;
  EXPECT_FALSE(WriteNegotiateMessage(message).ok());
  message.domain = std::span(name).first(65535);
  EXPECT_TRUE(WriteNegotiateMessage(message).ok());
}

TEST(NegotiateMessage, OemNamesAreAsciiOrNothing) {
  EXPECT_EQ(OemToUtf8(Octets("a~")), "a~");
  EXPECT_FALSE(OemToUtf8(Octets("\xe4")).has_value());
}

TEST(MessageType, PeeksOnlyAtRealMessages) {
  EXPECT_EQ(PeekMessageType(Hex(kStart)), MessageType::kNegotiate);
  EXPECT_EQ(PeekMessageType(Hex("4e544c4d5353500002000000")), MessageType::kChallenge);
  EXPECT_EQ(PeekMessageType(Hex("4e544c4d5353500003000000")), MessageType::kAuthenticate);
  EXPECT_FALSE(PeekMessageType(Hex("4e544c4d5353500004000000")).has_value());
  EXPECT_FALSE(PeekMessageType(Hex("4e544c4d53535000010000")).has_value());
  EXPECT_FALSE(PeekMessageType({}).has_value());
}

}  // namespace
}  // namespace epa::ntlm
