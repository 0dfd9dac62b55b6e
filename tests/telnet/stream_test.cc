// Octets cut into data, commands and sub-negotiations (RFC 854, RFC 855).
#include "lib/telnet/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "tests/support/test_data.h"

namespace epa::telnet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Lines = std::vector<std::string>;

std::string Describe(const Element& element) {
  switch (element.kind) {
    case Element::Kind::kData:
      return "data " + test::ToHex(element.octets);
    case Element::Kind::kNegotiation:
      return std::to_string(static_cast<int>(element.verb)) + " " + std::to_string(element.option);
    case Element::Kind::kSuboption:
      return "sb " + std::to_string(element.option) + " " + test::ToHex(element.octets);
    case Element::Kind::kTooLong:
      return "too long " + std::to_string(element.option);
    case Element::Kind::kMalformed:
      return "malformed";
  }
  return "";
}

// Adds a line for each element; data that follows data is one line.
void Read(StreamReader& stream, std::span<const uint8_t> octets, Lines& lines) {
  ByteReader input(octets);
  while (const auto element = stream.Next(input)) {
    const bool data = element->kind == Element::Kind::kData;
    if (data && !lines.empty() && lines.back().starts_with("data ")) {
      lines.back() += test::ToHex(element->octets);
    } else {
      lines.push_back(Describe(*element));
    }
  }
}

Lines Described(std::string_view hex, size_t limit = 64) {
  StreamReader stream(limit);
  Lines lines;
  Read(stream, test::FromHex(hex), lines);
  return lines;
}

TEST(Stream, Data) {
  EXPECT_THAT(Described("68690d0a"), ElementsAre("data 68690d0a"));
  EXPECT_THAT(Described(""), IsEmpty());
}

TEST(Stream, DoubledIacIsOneOctetOfData) {
  EXPECT_THAT(Described("61ffff62"), ElementsAre("data 61ff62"));
}

TEST(Stream, Negotiations) {
  EXPECT_THAT(Described("fffb25fffc25fffdfffffe00"),
              ElementsAre("251 37", "252 37", "253 255", "254 0"));
}

TEST(Stream, OtherCommandsArePassedOver) {
  // NOP, DM, BRK, IP, AO, AYT, EC, EL, GA, SE, and codes that nobody assigned.
  EXPECT_THAT(Described("61fff1fff2fff3fff4fff5fff6fff7fff8fff9fff0ff00ffef62"),
              ElementsAre("data 6162"));
}

TEST(Stream, SuboptionWithDoubledIac) {
  EXPECT_THAT(Described("fffa2500ffff01fff061"), ElementsAre("sb 37 00ff01", "data 61"));
}

TEST(Stream, SuboptionWithoutBody) { EXPECT_THAT(Described("fffa25fff0"), ElementsAre("sb 37 ")); }

TEST(Stream, OptionCode255OfASuboptionIsNotDoubled) {
  EXPECT_THAT(Described("fffaff61fff0"), ElementsAre("sb 255 61"));
}

TEST(Stream, CommandInsideASuboptionIsMalformedForGood) {
  EXPECT_THAT(Described("fffa2500fff16162fff0fffb25"), ElementsAre("malformed"));
  StreamReader stream(64);
  Lines lines;
  Read(stream, test::FromHex("fffa25fffb"), lines);
  Read(stream, test::FromHex("616263fffb25"), lines);
  EXPECT_THAT(lines, ElementsAre("malformed"));
}

TEST(Stream, SuboptionAtTheLimitAndOnePast) {
  EXPECT_THAT(Described("fffa25616263fff0", 3), ElementsAre("sb 37 616263"));
  EXPECT_THAT(Described("fffa2561626364fff078", 3), ElementsAre("too long 37", "data 78"));
}

TEST(Stream, TheLimitCountsOctetsBeforeTheyAreDoubled) {
  EXPECT_THAT(Described("fffa25fffffffffffffff0", 3), ElementsAre("sb 37 ffffff"));
  EXPECT_THAT(Described("fffa25fffffffffffffffffff0", 3), ElementsAre("too long 37"));
}

TEST(Stream, ATooLongSuboptionLeavesNothingForTheNextOne) {
  EXPECT_THAT(Described("fffa2561626364fff0fffa2661fff0", 3),
              ElementsAre("too long 37", "sb 38 61"));
}

TEST(Stream, CutAnywhereMeansTheSame) {
  const std::vector<uint8_t> octets =
      test::FromHex("6869fffb25fffa2500ffff01fff0ffff62fff163fffa1f0050ffff18fff0fffe01");
  const Lines expected = Described(test::ToHex(octets));
  ASSERT_EQ(expected.size(), 6u);
  for (size_t first = 0; first <= octets.size(); ++first) {
    for (size_t second = first; second <= octets.size(); ++second) {
      StreamReader stream(64);
      Lines lines;
      Read(stream, std::span(octets).first(first), lines);
      Read(stream, std::span(octets).subspan(first, second - first), lines);
      Read(stream, std::span(octets).subspan(second), lines);
      EXPECT_EQ(lines, expected) << first << ", " << second;
    }
  }
}

TEST(Stream, WhatIsWrittenReadsBackAsItself) {
  std::vector<uint8_t> all(256);
  std::iota(all.begin(), all.end(), uint8_t{0});
  const std::vector<uint8_t> escaped = EscapeData(all);
  EXPECT_EQ(escaped.size(), 257u);
  EXPECT_THAT(Described(test::ToHex(escaped)), ElementsAre("data " + test::ToHex(all)));
  EXPECT_THAT(Described(test::ToHex(EncodeSuboption(kWindowSize, all)), 256),
              ElementsAre("sb 31 " + test::ToHex(all)));
}

}  // namespace
}  // namespace epa::telnet
