// A header that is read is written as it was.
#include <algorithm>
#include <cstdlib>

#include "fuzz/reach.h"
#include "providers/kerberos/message_token.h"

namespace {

epa::fuzz::ReachPoint was_read("a header");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < epa::kerberos::kTokenHeaderSize) {
    return 0;
  }
  const std::span<const uint8_t, epa::kerberos::kTokenHeaderSize> octets(
      data, epa::kerberos::kTokenHeaderSize);
  const auto header = epa::kerberos::ReadTokenHeader(octets);
  was_read.Reach(header.has_value());
  if (header.has_value() && !std::ranges::equal(epa::kerberos::WriteTokenHeader(*header), octets)) {
    std::abort();
  }
  return 0;
}
