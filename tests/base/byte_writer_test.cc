#include "lib/base/byte_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace epa {
namespace {

using ::testing::ElementsAre;

TEST(ByteWriter, WritesLittleEndianInOrder) {
  ByteWriter writer(16);
  writer.WriteU8(1);
  writer.WriteU16(0x0302);
  writer.WriteU32(0x07060504);
  writer.WriteBytes(std::array<uint8_t, 2>{8, 9});
  writer.WriteZeros(1);
  EXPECT_EQ(writer.size(), 10u);
  EXPECT_THAT(std::move(writer).Take(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 0));
}

TEST(ByteWriter, WritesSixtyFourBits) {
  ByteWriter writer;
  writer.WriteU64(0x0807060504030201);
  EXPECT_THAT(writer.written(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST(ByteWriter, PatchesInPlace) {
  ByteWriter writer;
  writer.WriteZeros(6);
  writer.PatchU32(1, 0x04030201);
  EXPECT_THAT(writer.written(), ElementsAre(0, 1, 2, 3, 4, 0));
}

}  // namespace
}  // namespace epa
