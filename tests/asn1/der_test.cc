#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <vector>

#include "lib/asn1/der_reader.h"
#include "lib/asn1/der_writer.h"
#include "lib/asn1/object_identifier.h"
#include "tests/support/test_data.h"

namespace epa::asn1 {
namespace {

using ::testing::ElementsAre;
using Octets = std::vector<uint8_t>;

bool Reads(const Octets& octets) {
  DerElement element;
  return DerReader(octets).Read(element);
}

TEST(Der, RoundTripsEveryLengthForm) {
  for (const size_t size : {0u, 1u, 127u, 128u, 255u, 256u, 65535u, 65536u}) {
    const Octets content(size, 0x5a);
    const Octets encoded = Element(kOctetString, content);
    std::span<const uint8_t> read;
    ASSERT_TRUE(ReadOnlyElement(encoded, kOctetString, read)) << size;
    EXPECT_EQ(Octets(read.begin(), read.end()), content);
  }
}

TEST(Der, WritesTheShortestLength) {
  EXPECT_THAT(Octets(Element(kOctetString, Octets{7})), ElementsAre(0x04, 1, 7));
  const auto header_before = [](size_t content_size) {
    Octets header(ElementSize(content_size) - content_size);
    DerWriter(header).Header(kSequence, content_size);
    return header;
  };
  EXPECT_THAT(header_before(0x7f), ElementsAre(0x30, 0x7f));
  EXPECT_THAT(header_before(0x80), ElementsAre(0x30, 0x81, 0x80));
  EXPECT_THAT(header_before(0x100), ElementsAre(0x30, 0x82, 1, 0));
  EXPECT_THAT(header_before(0x1000000), ElementsAre(0x30, 0x84, 1, 0, 0, 0));
}

TEST(DerDeathTest, NothingIsWrittenBeyondTheRoom) {
  Octets room(3);
  DerWriter writer(room);
  writer.Header(kOctetString, 2);
  EXPECT_DEATH(writer.Encoded(Octets{1, 2}), "");
  writer.Encoded(Octets{1});
  EXPECT_DEATH(writer.Header(kOctetString, 0), "");
}

TEST(Der, ReadsSiblingsAndOptionals) {
  const Octets octets = {0xA0, 1, 7, 0xA2, 0, 0x04, 1, 9};
  DerReader reader(octets);
  std::optional<std::span<const uint8_t>> optional;
  ASSERT_TRUE(reader.ReadOptionalTag(ContextTag(0), optional));
  ASSERT_TRUE(optional.has_value());
  EXPECT_THAT(*optional, ElementsAre(7));
  ASSERT_TRUE(reader.ReadOptionalTag(ContextTag(1), optional));
  EXPECT_FALSE(optional.has_value());
  std::span<const uint8_t> content;
  EXPECT_FALSE(reader.ReadTag(kOctetString, content));
  ASSERT_TRUE(reader.ReadTag(ContextTag(2), content));
  EXPECT_TRUE(content.empty());
  DerElement element;
  ASSERT_TRUE(reader.Read(element));
  EXPECT_THAT(element.encoded, ElementsAre(0x04, 1, 9));
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.PeekTag(), 0);
}

TEST(Der, RefusesTrailingOctetsOfAnOnlyElement) {
  std::span<const uint8_t> content;
  EXPECT_FALSE(ReadOnlyElement(Octets{0x04, 0, 0}, kOctetString, content));
}

// CVE-2003-0818, CVE-2009-0844, CVE-2009-0847: lengths that leave the buffer.
TEST(Der, RefusesLengthsBeyondTheInput) {
  EXPECT_FALSE(Reads({}));
  EXPECT_FALSE(Reads({0x04}));
  EXPECT_FALSE(Reads({0x04, 1}));
  EXPECT_FALSE(Reads({0x04, 0x82, 1}));
  EXPECT_FALSE(Reads({0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 0}));
  EXPECT_FALSE(Reads({0x04, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
}

// CVE-2020-28196: indefinite lengths nest without bound; DER has none.
TEST(Der, RefusesIndefiniteLengths) {
  EXPECT_FALSE(Reads({0x30, 0x80, 0, 0}));
  EXPECT_FALSE(Reads({0x04, 0x80, 7}));
}

// Filers send 0x82 and 0x84 before any length; MIT and Windows read them.
TEST(Der, ReadsLengthsLongerThanNeeded) {
  const std::vector<Octets> spellings = {
      {0x04, 1, 7}, {0x04, 0x81, 1, 7}, {0x04, 0x82, 0, 1, 7}, {0x04, 0x84, 0, 0, 0, 1, 7}};
  for (const Octets& octets : spellings) {
    DerElement element;
    DerReader reader(octets);
    ASSERT_TRUE(reader.Read(element)) << octets.size();
    EXPECT_THAT(element.content, ElementsAre(7));
    EXPECT_EQ(Octets(element.encoded.begin(), element.encoded.end()), octets);
    EXPECT_TRUE(reader.at_end());
  }
  EXPECT_FALSE(Reads({0x04, 0x84, 0, 0, 0, 2, 7}));
  EXPECT_FALSE(Reads({0x04, 0x85, 0, 0, 0, 0, 1, 7}));
}

TEST(Der, RefusesHighTagNumbersAndTheEndOfContentsTag) {
  EXPECT_FALSE(Reads({0x1f, 0x21, 0}));
  EXPECT_FALSE(Reads({0xbf, 0x21, 0}));
  EXPECT_FALSE(Reads({0, 0}));
}

TEST(DottedOid, EveryForm) {
  EXPECT_EQ(DottedOid(test::FromHex("2b060104018237")), "1.3.6.1.4.1.311");
  EXPECT_EQ(DottedOid(test::FromHex("883703")), "2.999.3");
  EXPECT_EQ(DottedOid(test::FromHex("00")), "0.0");
  EXPECT_EQ(DottedOid({}), "");
  EXPECT_EQ(DottedOid(test::FromHex("2b86")), "2b86");
  EXPECT_EQ(DottedOid(test::FromHex("2bffffffffffffffffff7f")), "2bffffffffffffffffff7f");
}

TEST(Der, ReadsAFieldByItsNumberAndItsType) {
  const Octets field = {0xA1, 3, 0x02, 1, 7};
  std::span<const uint8_t> content;
  DerReader reader(field);
  EXPECT_FALSE(reader.ReadField(0, kInteger, content));
  EXPECT_FALSE(DerReader(field).ReadField(1, kOctetString, content));
  ASSERT_TRUE(reader.ReadField(1, kInteger, content));
  EXPECT_THAT(content, ElementsAre(7));
  EXPECT_TRUE(reader.at_end());
  // Two elements in one field.
  EXPECT_FALSE(DerReader(Octets{0xA1, 6, 0x02, 1, 7, 0x02, 1, 8}).ReadField(1, kInteger, content));
}

TEST(Der, ReadsIntegersThatFit) {
  const auto value_of = [](const Octets& content) {
    int32_t value = 0;
    return ReadInt32(content, value) ? std::optional(value) : std::nullopt;
  };
  EXPECT_EQ(value_of({0x00}), 0);
  EXPECT_EQ(value_of({0x7f}), 127);
  EXPECT_EQ(value_of({0x00, 0x80}), 128);
  EXPECT_EQ(value_of({0xff}), -1);
  EXPECT_EQ(value_of({0x80, 0, 0, 0}), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(value_of({}), std::nullopt);
  EXPECT_EQ(value_of({0x00, 0xff, 0xff, 0xff, 0xff}), std::nullopt);
}

}  // namespace
}  // namespace epa::asn1
