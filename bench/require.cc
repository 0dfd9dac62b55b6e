#include "bench/require.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace epa::bench {

void Require(bool condition, std::string_view what) {
  if (!condition) {
    std::fprintf(stderr, "epa_bench: %.*s\n", static_cast<int>(what.size()), what.data());
    std::exit(EXIT_FAILURE);
  }
}

}  // namespace epa::bench
