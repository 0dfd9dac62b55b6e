// Whatever checksum is read must read the same once written again.
#include <algorithm>
#include <cstdlib>

#include "providers/kerberos/checksum.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace epa::kerberos;
  const auto first = ReadGssChecksum({data, size});
  if (!first.ok()) {
    return 0;
  }
  const auto written = WriteGssChecksum(*first);
  if (!written.ok()) {
    std::abort();
  }
  const auto second = ReadGssChecksum(*written);
  if (!second.ok() || !(second->binding == first->binding) || second->flags != first->flags ||
      !std::ranges::equal(second->delegated, first->delegated)) {
    std::abort();
  }
  return 0;
}
