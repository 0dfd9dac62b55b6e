#include "lib/base/hex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace epa {
namespace {

using testing::ElementsAre;
using testing::Optional;

TEST(Hex, EveryOctetComesBack) {
  std::vector<uint8_t> octets(256);
  for (size_t i = 0; i < octets.size(); ++i) {
    octets[i] = static_cast<uint8_t>(i);
  }
  EXPECT_EQ(EncodeHex(octets).substr(0, 4), "0001");
  EXPECT_EQ(DecodeHex(EncodeHex(octets)), octets);
}

TEST(Hex, ReadsBothCases) {
  EXPECT_THAT(DecodeHex("aFFa09"), Optional(ElementsAre(0xAF, 0xFA, 0x09)));
  EXPECT_THAT(DecodeHex(""), Optional(ElementsAre()));
}

TEST(Hex, TakesNothingElse) {
  for (const char* text : {"0", "000", "0g", "g0", "0G", " 00", "0 ", "0x", "-1", "/0", ":0", "@0",
                           "`0", "\xFF\xFF"}) {
    EXPECT_EQ(DecodeHex(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace epa
