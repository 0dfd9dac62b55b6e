#include "providers/ntlm/messages/av_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lib/base/hex.h"

namespace epa::ntlm {
namespace {

std::vector<uint8_t> Hex(std::string_view text) { return DecodeHex(text).value(); }

MessageFault FaultOf(std::string_view hex, AvTrailer trailer = AvTrailer::kNothing) {
  AvPairs pairs;
  const std::vector<uint8_t> octets = Hex(hex);
  const std::optional<MessageFault> fault = ReadAvPairs(octets, trailer, pairs);
  EXPECT_TRUE(fault.has_value()) << hex;
  return fault.value_or(MessageFault{FaultKind::kMalformed, 999, "accepted"});
}

TEST(AvPairs, NoOctetsAreAnEmptyList) {
  const auto pairs = ParseAvPairs({}, AvTrailer::kNothing);
  ASSERT_TRUE(pairs.ok());
  EXPECT_TRUE(pairs->pairs().empty());
}

TEST(AvPairs, EndMarkerAloneIsAnEmptyList) {
  EXPECT_TRUE(ParseAvPairs(Hex("00000000"), AvTrailer::kNothing).ok());
}

TEST(AvPairs, TypedAccess) {
  const std::vector<uint8_t> octets =
      Hex("0600040002000000"
          "070008000102030405060708"
          "080030003000000000000000"
          "1112131415161718"
          "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
          "09000400"
          "41004200"
          "0a001000"
          "404142434445464748494a4b4c4d4e4f"
          "00000000");
  const auto pairs = ParseAvPairs(octets, AvTrailer::kNothing);
  ASSERT_TRUE(pairs.ok()) << pairs.status();
  EXPECT_EQ(pairs->pairs().size(), 5u);
  EXPECT_EQ(pairs->flags(), 2u);
  EXPECT_EQ(pairs->timestamp(), 0x0807060504030201u);
  EXPECT_EQ(EncodeHex(*pairs->target_name()), "41004200");
  EXPECT_EQ(EncodeHex(*pairs->channel_bindings()), "404142434445464748494a4b4c4d4e4f");
  EXPECT_EQ(EncodeHex(pairs->single_host()->custom_data), "1112131415161718");
  EXPECT_EQ(EncodeHex(pairs->single_host()->machine_id),
            "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f");
}

TEST(AvPairs, AbsentPairsAreAbsentAndEmptyTargetNameIsPresent) {
  const std::vector<uint8_t> octets = Hex("0900000000000000");
  const auto pairs = ParseAvPairs(octets, AvTrailer::kNothing);
  ASSERT_TRUE(pairs.ok());
  ASSERT_TRUE(pairs->target_name().has_value());
  EXPECT_TRUE(pairs->target_name()->empty());
  EXPECT_FALSE(pairs->flags().has_value());
  EXPECT_FALSE(pairs->timestamp().has_value());
  EXPECT_FALSE(pairs->channel_bindings().has_value());
  EXPECT_FALSE(pairs->single_host().has_value());
}

TEST(AvPairs, UnknownIdsAreKeptInTheirPlace) {
  const std::vector<uint8_t> octets =
      Hex("0bfe0300aabbcc"
          "0100000000000000");
  const auto pairs = ParseAvPairs(octets, AvTrailer::kNothing);
  ASSERT_TRUE(pairs.ok()) << pairs.status();
  ASSERT_EQ(pairs->pairs().size(), 2u);
  EXPECT_EQ(static_cast<uint16_t>(pairs->pairs()[0].id), 0xFE0B);
  EXPECT_EQ(EncodeHex(pairs->pairs()[0].value), "aabbcc");
}

// CVE-2020-11097: a walk past a list without its end marker.
TEST(AvPairs, ListWithoutEndMarkerIsRefused) {
  EXPECT_EQ(FaultOf("060004000200000000").offset, 8u);
  EXPECT_EQ(FaultOf("0600040002000000").offset, 8u);
  EXPECT_EQ(FaultOf("000000").offset, 0u);
}

// CVE-2020-13396: a value that leaves the list.
TEST(AvPairs, ValueLeavingTheListIsRefused) {
  EXPECT_EQ(FaultOf("0100ffff00000000").offset, 0u);
  EXPECT_EQ(FaultOf("0100020041").offset, 0u);
}

// CVE-2023-25567: lengths of MsvAvTimestamp and MsvAvFlags.
TEST(AvPairs, WrongLengthOfFixedValuesIsRefused) {
  for (const auto& [id, length] : std::vector<std::pair<std::string, size_t>>{
           {"0600", 4}, {"0700", 8}, {"0800", 48}, {"0a00", 16}}) {
    for (size_t wrong : {size_t{0}, length - 1, length + 1}) {
      ByteWriter size(2);
      size.WriteU16(static_cast<uint16_t>(wrong));
      const std::string text =
          id + EncodeHex(size.written()) + std::string(2 * wrong, '0') + "00000000";
      EXPECT_EQ(FaultOf(text).offset, 0u) << text;
    }
  }
}

TEST(AvPairs, TextOfOddLengthIsRefused) {
  for (std::string id : {"0100", "0200", "0300", "0400", "0500", "0900"}) {
    EXPECT_EQ(FaultOf(id + "01004100000000").offset, 0u) << id;
  }
}

TEST(AvPairs, EndMarkerWithValueIsRefused) { EXPECT_EQ(FaultOf("0000020000000000").offset, 0u); }

TEST(AvPairs, DuplicateIsTellable) {
  const MessageFault fault = FaultOf(
      "01000000"
      "02000000"
      "01000000"
      "00000000");
  EXPECT_EQ(fault.kind, FaultKind::kDuplicateAvPair);
  EXPECT_EQ(fault.offset, 8u);
}

TEST(AvPairs, SixteenPairsAreTheLimit) {
  ByteWriter list;
  for (uint16_t id = 100; id < 116; ++id) {
    ASSERT_TRUE(WriteAvPair(AvId{id}, {}, list));
  }
  ByteWriter longer = list;
  WriteAvEol(list);
  EXPECT_TRUE(ParseAvPairs(list.written(), AvTrailer::kNothing).ok());
  ASSERT_TRUE(WriteAvPair(AvId{200}, {}, longer));
  WriteAvEol(longer);
  EXPECT_FALSE(ParseAvPairs(longer.written(), AvTrailer::kNothing).ok());
}

TEST(AvPairs, NothingFollowsTheEndMarkerOfTargetInformation) {
  EXPECT_EQ(FaultOf("0000000000").offset, 4u);
}

TEST(AvPairs, ResponsesMayEndInUpToSixteenZeros) {
  for (size_t count : {0u, 4u, 8u, 12u, 16u}) {
    EXPECT_TRUE(ParseAvPairs(std::vector<uint8_t>(4 + count), AvTrailer::kZeros).ok()) << count;
  }
  EXPECT_FALSE(ParseAvPairs(std::vector<uint8_t>(4 + 17), AvTrailer::kZeros).ok());
  EXPECT_EQ(FaultOf("0000000000000001", AvTrailer::kZeros).offset, 4u);
}

TEST(AvPairs, PairsReadBeforeAFaultAreLeftToSee) {
  AvPairs pairs;
  const std::vector<uint8_t> octets = Hex("0200020041000700010000");
  EXPECT_TRUE(ReadAvPairs(octets, AvTrailer::kNothing, pairs).has_value());
  ASSERT_EQ(pairs.pairs().size(), 1u);
  EXPECT_EQ(pairs.pairs()[0].id, AvId::kNbDomainName);
}

TEST(AvPairs, ErrorNamesTheOffset) {
  const auto pairs = ParseAvPairs(Hex("06000200020000000000"), AvTrailer::kNothing);
  EXPECT_EQ(pairs.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(pairs.status().message(), "offset 0: MsvAvFlags is not 4 octets");
}

TEST(AvPairs, WritersMakeWhatTheReaderReads) {
  ByteWriter list;
  WriteAvFlags(kMaxAvPairs, list);
  WriteAvTimestamp(0x0102030405060708, list);
  ASSERT_TRUE(WriteAvPair(AvId::kTargetName, Hex("41004200"), list));
  WriteAvEol(list);
  const auto pairs = ParseAvPairs(list.written(), AvTrailer::kNothing);
  ASSERT_TRUE(pairs.ok()) << pairs.status();
  EXPECT_EQ(pairs->flags(), 16u);
  EXPECT_EQ(pairs->timestamp(), 0x0102030405060708u);
  EXPECT_EQ(pairs->target_name()->size(), 4u);
}

// CVE-2019-3822: a value grown by the peer beyond what its length field can say.
TEST(AvPairs, ValueTooLongToSayIsNotWritten) {
  ByteWriter list;
  EXPECT_FALSE(WriteAvPair(AvId::kTargetName, std::vector<uint8_t>(65536), list));
  EXPECT_EQ(list.size(), 0u);
  EXPECT_TRUE(WriteAvPair(AvId::kTargetName, std::vector<uint8_t>(65535), list));
}

}  // namespace
}  // namespace epa::ntlm
