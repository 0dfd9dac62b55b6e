#include "lib/base/byte_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace epa {
namespace {

using ::testing::ElementsAre;

constexpr std::array<uint8_t, 8> kOctets = {1, 2, 3, 4, 5, 6, 7, 8};

TEST(ByteReader, ReadsLittleEndian) {
  ByteReader reader(kOctets);
  uint8_t u8 = 0;
  uint16_t u16 = 0;
  uint32_t u32 = 0;
  ASSERT_TRUE(reader.ReadU8(u8));
  ASSERT_TRUE(reader.ReadU16(u16));
  ASSERT_TRUE(reader.ReadU32(u32));
  EXPECT_EQ(u8, 0x01);
  EXPECT_EQ(u16, 0x0302);
  EXPECT_EQ(u32, 0x07060504u);
  EXPECT_EQ(reader.offset(), 7u);
  EXPECT_EQ(reader.remaining(), 1u);
  uint64_t u64 = 0;
  EXPECT_TRUE(ByteReader(kOctets).ReadU64(u64));
  EXPECT_EQ(u64, 0x0807060504030201u);
}

TEST(ByteReader, FailedReadLeavesTheCursor) {
  ByteReader reader{std::span(kOctets).first(3)};
  uint32_t u32 = 0;
  EXPECT_FALSE(reader.ReadU32(u32));
  EXPECT_EQ(reader.offset(), 0u);
  std::span<const uint8_t> span;
  EXPECT_FALSE(reader.ReadSpan(4, span));
  EXPECT_FALSE(reader.Skip(4));
  std::array<uint8_t, 4> array;
  EXPECT_FALSE(reader.ReadArray<4>(array));
  EXPECT_TRUE(reader.Skip(3));
  EXPECT_TRUE(reader.at_end());
  uint8_t u8 = 0;
  EXPECT_FALSE(reader.ReadU8(u8));
}

TEST(ByteReader, MatchMovesOnlyWhenEqual) {
  ByteReader reader(kOctets);
  EXPECT_FALSE(reader.Match(std::array<uint8_t, 2>{1, 3}));
  EXPECT_EQ(reader.offset(), 0u);
  EXPECT_TRUE(reader.Match(std::array<uint8_t, 2>{1, 2}));
  EXPECT_EQ(reader.offset(), 2u);
  EXPECT_FALSE(ByteReader({}).Match(std::array<uint8_t, 1>{1}));
}

// CVE-2018-8789, CVE-2018-16890, CVE-2023-25563: offset + length wraps around.
TEST(ByteReader, SpanAtDoesNotWrap) {
  const ByteReader reader(kOctets);
  std::span<const uint8_t> span;
  EXPECT_FALSE(reader.SpanAt(0xFFFFFFFF, 8, span));
  EXPECT_FALSE(reader.SpanAt(std::numeric_limits<uint64_t>::max(), 2, span));
  EXPECT_FALSE(reader.SpanAt(2, std::numeric_limits<uint64_t>::max(), span));
  EXPECT_FALSE(reader.SpanAt(8, 1, span));
  EXPECT_FALSE(reader.SpanAt(1, 8, span));
  EXPECT_TRUE(reader.SpanAt(8, 0, span));
  EXPECT_TRUE(reader.SpanAt(6, 2, span));
  EXPECT_THAT(span, ElementsAre(7, 8));
}

}  // namespace
}  // namespace epa
