// Matchers for absl::Status and absl::StatusOr, which Debian's abseil does not ship.
#ifndef EPA_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define EPA_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace epa::test {

inline const absl::Status& GetStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& result) {
  return result.status();
}

// EXPECT_THAT(Function(), IsOk());
MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  *result_listener << "whose status is " << GetStatus(arg).ToString();
  return GetStatus(arg).ok();
}

// EXPECT_THAT(Function(), StatusIs(absl::StatusCode::kInvalidArgument));
MATCHER_P(StatusIs, code, "has the status " + absl::StatusCodeToString(code)) {
  *result_listener << "whose status is " << GetStatus(arg).ToString();
  return GetStatus(arg).code() == code;
}

// EXPECT_THAT(Function(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("offset 12")));
MATCHER_P2(StatusIs, code, message,
           "has the status " + absl::StatusCodeToString(code) + " and a message that " +
               ::testing::DescribeMatcher<std::string>(message)) {
  *result_listener << "whose status is " << GetStatus(arg).ToString();
  return GetStatus(arg).code() == code &&
         ::testing::Matches(::testing::SafeMatcherCast<const std::string&>(message))(
             std::string(GetStatus(arg).message()));
}

// EXPECT_THAT(Function(), IsOkAndHolds(7)); takes a value or a matcher.
MATCHER_P(IsOkAndHolds, value, negation ? "is not OK or holds another value" : "is OK and holds") {
  if (!arg.ok()) {
    *result_listener << "whose status is " << arg.status().ToString();
    return false;
  }
  using Value = std::remove_reference_t<decltype(*arg)>;
  return ::testing::ExplainMatchResult(::testing::SafeMatcherCast<const Value&>(value), *arg,
                                       result_listener);
}

}  // namespace epa::test

#define EPA_TEST_CONCAT_INNER_(a, b) a##b
#define EPA_TEST_CONCAT_(a, b) EPA_TEST_CONCAT_INNER_(a, b)

#define ASSERT_OK(expression) ASSERT_THAT((expression), ::epa::test::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT((expression), ::epa::test::IsOk())

// ASSERT_OK_AND_ASSIGN(const Spn spn, Spn::Parse("http/a"));
#define ASSERT_OK_AND_ASSIGN(declaration, expression) \
  ASSERT_OK_AND_ASSIGN_IMPL_(EPA_TEST_CONCAT_(epa_or_, __LINE__), declaration, expression)
#define ASSERT_OK_AND_ASSIGN_IMPL_(temporary, declaration, expression)                 \
  auto temporary = (expression);                                                       \
  ASSERT_TRUE(temporary.ok()) << #expression << ": " << temporary.status().ToString(); \
  declaration = *std::move(temporary)

#endif  // EPA_TESTS_SUPPORT_STATUS_MATCHERS_H_
