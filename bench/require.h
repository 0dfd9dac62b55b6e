// A benchmark of a login that did not succeed means nothing: whatever fails ends the program.
#ifndef EPA_BENCH_REQUIRE_H_
#define EPA_BENCH_REQUIRE_H_

#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace epa::bench {

// Ends the program with `what` on standard error unless `condition` holds.
void Require(bool condition, std::string_view what);

// The value, or the end of the program with the reason.
template <typename T>
T Value(absl::StatusOr<T> result) {
  if (!result.ok()) {
    Require(false, result.status().ToString());
  }
  return *std::move(result);
}

}  // namespace epa::bench

#endif  // EPA_BENCH_REQUIRE_H_
