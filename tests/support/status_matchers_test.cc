#include "tests/support/status_matchers.h"

#include <vector>

namespace epa::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

absl::StatusOr<int> Seven() { return 7; }
absl::StatusOr<int> Nothing() { return absl::NotFoundError("offset 12"); }

TEST(StatusMatchersTest, IsOkTellsOkFromErrors) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(Seven(), IsOk());
  EXPECT_THAT(absl::InternalError(""), Not(IsOk()));
  EXPECT_THAT(Nothing(), Not(IsOk()));
}

TEST(StatusMatchersTest, StatusIsComparesCodeAndMessage) {
  EXPECT_THAT(Nothing(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Nothing(), Not(StatusIs(absl::StatusCode::kInternal)));
  EXPECT_THAT(Nothing(), StatusIs(absl::StatusCode::kNotFound, "offset 12"));
  EXPECT_THAT(Nothing(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("12")));
  EXPECT_THAT(Nothing(), Not(StatusIs(absl::StatusCode::kNotFound, HasSubstr("13"))));
}

TEST(StatusMatchersTest, IsOkAndHoldsTakesValuesAndMatchers) {
  EXPECT_THAT(Seven(), IsOkAndHolds(7));
  EXPECT_THAT(Seven(), Not(IsOkAndHolds(8)));
  EXPECT_THAT(Nothing(), Not(IsOkAndHolds(7)));
  EXPECT_THAT(absl::StatusOr<std::vector<int>>({1, 2}), IsOkAndHolds(Contains(2)));
}

TEST(StatusMatchersTest, AssignTakesTheValue) {
  ASSERT_OK_AND_ASSIGN(const int value, Seven());
  EXPECT_EQ(value, 7);
}

}  // namespace
}  // namespace epa::test
