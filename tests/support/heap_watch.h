// Finds secrets in the heap: in blocks that are released without having been wiped, and in blocks
// that are still there. A program with heap_watch.cc among its sources has its operator new and
// OpenSSL's allocations replaced.
#ifndef EPA_TESTS_SUPPORT_HEAP_WATCH_H_
#define EPA_TESTS_SUPPORT_HEAP_WATCH_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace epa::test {

// At most this many secrets, each of 8 to this many octets.
inline constexpr size_t kMaxWatchedSecrets = 32;
inline constexpr size_t kMaxWatchedSize = 64;

// Looks for `secret` from now on. `name` is a literal. The caller's copy is not to be on the heap.
void WatchHeapFor(const char* name, std::span<const uint8_t> secret);

// Released blocks are looked at between these two, blocks that are there at the end. The result is
// "NT hash in a released block" and so on, each once; what was watched for is forgotten.
void BeginHeapWatch();
std::vector<std::string> EndHeapWatch();

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_HEAP_WATCH_H_
