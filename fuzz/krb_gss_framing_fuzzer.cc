// Whatever frame is read must read the same once written again; names are read or refused.
#include <algorithm>
#include <cstdlib>

#include "providers/kerberos/gss_framing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace epa::kerberos;
  const auto first = ReadFramedMessage({data, size});
  if (!first.ok()) {
    return 0;
  }
  const auto written = WriteFramedMessage(first->frame, first->kind, first->message);
  const auto second = ReadFramedMessage(written);
  if (!second.ok() || second->frame != first->frame || second->kind != first->kind ||
      !std::ranges::equal(second->message, first->message)) {
    std::abort();
  }
  (void)ReadTicketNames(first->message);
  return 0;
}
