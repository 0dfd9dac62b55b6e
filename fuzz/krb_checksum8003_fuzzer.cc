// Whatever checksum is read must read the same once written again.
#include <algorithm>
#include <cstdlib>

#include "fuzz/reach.h"
#include "providers/kerberos/checksum.h"

namespace {

epa::fuzz::ReachPoint was_read("a checksum");
epa::fuzz::ReachPoint delegated("a delegated credential");
epa::fuzz::ReachPoint refused("a refused checksum");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace epa::kerberos;
  const auto first = ReadGssChecksum({data, size});
  refused.Reach(!first.ok());
  if (!first.ok()) {
    return 0;
  }
  delegated.Reach(!first->delegated.empty());
  was_read.Reach();
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
