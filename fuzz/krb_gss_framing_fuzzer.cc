// Whatever frame is read must read the same once written again; names are read or refused.
#include <algorithm>
#include <cstdlib>

#include "fuzz/reach.h"
#include "providers/kerberos/gss_framing.h"

namespace {

epa::fuzz::ReachPoint request("the names of an AP-REQ");
epa::fuzz::ReachPoint reply("an AP-REP");
epa::fuzz::ReachPoint refused("a refused frame");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace epa::kerberos;
  const auto first = ReadFramedMessage({data, size});
  refused.Reach(!first.ok());
  if (!first.ok()) {
    return 0;
  }
  const auto written = WriteFramedMessage(first->frame, first->kind, first->message);
  const auto second = ReadFramedMessage(written);
  if (!second.ok() || second->frame != first->frame || second->kind != first->kind ||
      !std::ranges::equal(second->message, first->message)) {
    std::abort();
  }
  request.Reach(ReadTicketNames(first->message).ok());
  reply.Reach(first->kind == MessageKind::kApRep);
  return 0;
}
