// What must hold whatever the input: the fuzzer stops where it does not.
#ifndef EPA_FUZZ_REQUIRE_H_
#define EPA_FUZZ_REQUIRE_H_

#include <cstdlib>

namespace epa::fuzz {

inline void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_REQUIRE_H_
