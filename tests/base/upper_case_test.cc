#include "lib/base/upper_case.h"

#include <gtest/gtest.h>
#include <unicase.h>

#include <array>
#include <string>
#include <vector>

#include "lib/base/utf16.h"

namespace epa {
namespace {

std::string UppercasedThroughUtf16(std::string_view text) {
  std::vector<uint8_t> octets = Utf8ToUtf16Le(text).value();
  UppercaseUtf16Le(octets);
  return Utf16LeToUtf8(octets).value();
}

std::vector<std::string> OtherUppercases(std::string_view text) {
  std::vector<std::string> others;
  for (const auto& octets : OtherUppercasesOf(Utf8ToUtf16Le(text).value())) {
    others.push_back(Utf16LeToUtf8(octets).value());
  }
  return others;
}

uint16_t UppercaseOf(uint16_t unit) {
  std::vector<uint8_t> octets = {static_cast<uint8_t>(unit), static_cast<uint8_t>(unit >> 8)};
  UppercaseUtf16Le(octets);
  return Utf16UnitAt(octets, 0);
}

TEST(UpperCase, TakesOneCharacterForOne) {
  const std::string text = "stra\u00dfe \u00e9\u0444\u03c3 \U00010428";
  const std::string upper = "STRA\u00dfE \u00c9\u0424\u03a3 \U00010428";
  EXPECT_EQ(UppercasedThroughUtf16(text), upper);
  EXPECT_EQ(UppercaseUtf8(text), upper);
}

TEST(UpperCase, LeavesOctetsThatAreNotTextAlone) {
  EXPECT_EQ(UppercaseUtf8("al\u00efce"), "AL\u00cfCE");
  EXPECT_EQ(UppercaseUtf8("a\xff"
                          "b"),
            "A\xff"
            "B");
}

// The table holds what Unicode's simple mapping says, or nothing; [MS-UCODEREF]'s has 973 entries.
TEST(UpperCase, IsUnicodesSimpleMappingWhereTheTableHasAnEntry) {
  int entries = 0;
  for (uint32_t unit = 0; unit < 0x10000; ++unit) {
    const uint16_t upper = UppercaseOf(static_cast<uint16_t>(unit));
    if (upper != unit) {
      EXPECT_EQ(upper, uc_toupper(unit)) << std::hex << unit;
      ++entries;
    }
  }
  EXPECT_EQ(entries, 973);
}

TEST(UpperCase, LeavesWhatWindowsTableDoesNotHave) {
  constexpr std::array<uint16_t, 18> kNoPair = {0x00B5, 0x0131, 0x017F, 0x01C5, 0x01C8, 0x01CB,
                                                0x01F2, 0x0345, 0x03C2, 0x03D0, 0x03D1, 0x03D5,
                                                0x03D6, 0x03F0, 0x03F1, 0x03F5, 0x1E9B, 0x1FBE};
  // Georgian, Cherokee, and Latin, Greek and Cyrillic letters whose pair is younger than
  // Unicode 5.1.
  constexpr std::array<uint16_t, 12> kYounger = {0x10D0, 0x10FA, 0x13F8, 0xAB70, 0xABBF, 0x023F,
                                                 0x0252, 0x0265, 0x03F3, 0x0525, 0x1C80, 0xA661};
  for (const uint16_t unit : kNoPair) {
    EXPECT_EQ(UppercaseOf(unit), unit) << std::hex << unit;
    EXPECT_NE(uc_toupper(unit), unit) << std::hex << unit;
  }
  for (const uint16_t unit : kYounger) {
    EXPECT_EQ(UppercaseOf(unit), unit) << std::hex << unit;
  }
}

TEST(UpperCase, LeavesSurrogatesAlone) {
  for (uint32_t unit = 0xD800; unit < 0xE000; ++unit) {
    EXPECT_EQ(UppercaseOf(static_cast<uint16_t>(unit)), unit);
  }
}

TEST(UpperCase, OtherUppercasesAreThoseOfPeersWithoutTheTable) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(OtherUppercases("alice"), Names{});
  EXPECT_EQ(OtherUppercases("\u0444\u00e9"), Names{});
  EXPECT_EQ(OtherUppercases("\u00b5s"), Names{"\u039cS"});
  EXPECT_EQ(OtherUppercases("stra\u00dfe"), Names{"STRASSE"});
  // Another answer from each.
  EXPECT_EQ(OtherUppercases("\u03c2\u00df"), (Names{"\u03a3\u00df", "\u03a3SS"}));
}

TEST(UpperCase, MalformedTextHasNoOtherUppercases) {
  EXPECT_TRUE(OtherUppercasesOf(std::vector<uint8_t>{0x00, 0xD8}).empty());
  EXPECT_TRUE(OtherUppercasesOf(std::vector<uint8_t>{0xB5}).empty());
}

}  // namespace
}  // namespace epa
