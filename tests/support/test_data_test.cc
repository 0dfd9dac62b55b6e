#include "tests/support/test_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/support/fixed_clock.h"
#include "tests/support/fixed_random.h"

namespace epa::test {
namespace {

using ::testing::ElementsAre;

TEST(TestDataTest, HexIgnoresWhiteSpace) {
  EXPECT_THAT(FromHex("00 Ff\n10"), ElementsAre(0x00, 0xff, 0x10));
  EXPECT_EQ(ToHex(FromHex("00 Ff\n10")), "00ff10");
}

TEST(TestDataDeathTest, BadInputEndsTheProcess) {
  EXPECT_DEATH(FromHex("0"), "not hexadecimal");
  EXPECT_DEATH(ReadTestFile("no/such/file"), "cannot be read");
}

TEST(FixedClockTest, MovesWhenTold) {
  FixedClock clock(5);
  EXPECT_EQ(clock.Now(), 5u);
  clock.AdvanceSeconds(2);
  EXPECT_EQ(clock.Now(), 5u + 2 * kTicksPerSecond);
  clock.Set(1);
  EXPECT_EQ(clock.Now(), 1u);
}

TEST(FixedRandomTest, CountsAndDeliversWhatWasQueued) {
  FixedRandom random(254);
  std::array<uint8_t, 3> octets{};
  random.Fill(octets);
  EXPECT_THAT(octets, ElementsAre(254, 255, 0));
  const std::array<uint8_t, 2> queued = {7, 8};
  random.Push(queued);
  random.Fill(octets);
  EXPECT_THAT(octets, ElementsAre(7, 8, 1));
}

}  // namespace
}  // namespace epa::test
