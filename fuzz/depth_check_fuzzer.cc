// Not a fuzzer of anything: shows that a corpus that lost its depth fails.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/reach.h"

namespace {

epa::fuzz::ReachPoint deep("the word deep");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  deep.Reach(std::string_view(reinterpret_cast<const char*>(data), size) == "deep");
  return 0;
}
