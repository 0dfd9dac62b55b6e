#include "lib/audit_json/rfc3339.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "epa/base/clock.h"

namespace epa {
namespace {

TEST(Rfc3339, EpochOfFileTimeIs1601) { EXPECT_EQ(FormatRfc3339(0), "1601-01-01T00:00:00.000000Z"); }

TEST(Rfc3339, UnixEpoch) {
  EXPECT_EQ(FormatRfc3339(kUnixEpochTicks), "1970-01-01T00:00:00.000000Z");
}

TEST(Rfc3339, MicrosecondsAreKeptAndTicksBelowThemDropped) {
  // 1709251199 s after the Unix epoch.
  EXPECT_EQ(FormatRfc3339(kUnixEpochTicks + 1'709'251'199 * kTicksPerSecond + 1'234'569),
            "2024-02-29T23:59:59.123456Z");
}

TEST(Rfc3339, TimesTheFormatCannotWriteGiveItsLastMicrosecond) {
  EXPECT_EQ(FormatRfc3339(std::numeric_limits<uint64_t>::max()), "9999-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace epa
