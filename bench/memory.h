// Heap that one context keeps, counted by the allocator over many of them.
#ifndef EPA_BENCH_MEMORY_H_
#define EPA_BENCH_MEMORY_H_

#include <cstddef>

#include "bench/contender.h"

namespace epa::bench {

// Octets of heap for each context, allocator overhead included.
struct HeapUse {
  double half_open_server = 0;  // not a number where the server's first token is its last
  double established_server = 0;
  double established_client = 0;
};

struct HeapRow {
  const Contender* contender = nullptr;
  HeapUse use;
};

// Call it on the main thread while no other runs.
HeapUse MeasureHeap(const Contender& contender, size_t contexts);

}  // namespace epa::bench

#endif  // EPA_BENCH_MEMORY_H_
