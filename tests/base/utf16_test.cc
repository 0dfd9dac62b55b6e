#include "lib/base/utf16.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace epa {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

TEST(Utf16, ConvertsEveryLengthOfUtf8) {
  EXPECT_THAT(Utf8ToUtf16Le("A"), Optional(ElementsAre(0x41, 0)));
  EXPECT_THAT(Utf8ToUtf16Le("\u00e9"), Optional(ElementsAre(0xe9, 0)));
  EXPECT_THAT(Utf8ToUtf16Le("\u20ac"), Optional(ElementsAre(0xac, 0x20)));
  EXPECT_THAT(Utf8ToUtf16Le("\U0001F600"), Optional(ElementsAre(0x3d, 0xd8, 0x00, 0xde)));
}

TEST(Utf16, RoundTrips) {
  const std::string text = "a\u00e9\u20ac\U0001F600\U0010FFFF";
  const auto octets = Utf8ToUtf16Le(text);
  ASSERT_TRUE(octets.has_value());
  EXPECT_EQ(Utf16LeToUtf8(*octets), text);
  const std::string nul("a\0b", 3);
  EXPECT_EQ(Utf16LeToUtf8(*Utf8ToUtf16Le(nul)), nul);
}

TEST(Utf16, RefusesMalformedUtf8) {
  for (const std::string_view text :
       {"\x80", "\xc3", "\xc3\x28", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "a\xe2\x82"}) {
    EXPECT_FALSE(Utf8ToUtf16Le(text).has_value());
    EXPECT_FALSE(IsValidUtf8(text));
  }
}

// CVE-2023-25564: text that does not convert.
TEST(Utf16, RefusesOddLengthsAndLoneSurrogates) {
  EXPECT_FALSE(Utf16LeToUtf8(std::vector<uint8_t>{0x41}).has_value());
  EXPECT_FALSE(Utf16LeToUtf8(std::vector<uint8_t>{0x00, 0xd8}).has_value());
  EXPECT_FALSE(Utf16LeToUtf8(std::vector<uint8_t>{0x00, 0xd8, 0x41, 0x00}).has_value());
  EXPECT_FALSE(Utf16LeToUtf8(std::vector<uint8_t>{0x00, 0xdc}).has_value());
}

TEST(Utf16, TakesOneCharacterAtATime) {
  std::string_view text = "a\u20ac\xff";
  EXPECT_EQ(TakeUtf8(text), U'a');
  EXPECT_EQ(TakeUtf8(text), U'\u20ac');
  EXPECT_EQ(TakeUtf8(text), std::nullopt);
  EXPECT_EQ(text, "\xff");
}

}  // namespace
}  // namespace epa
