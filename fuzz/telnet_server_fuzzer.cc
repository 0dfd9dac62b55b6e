// A client's octets in two pieces, the first as long as the first octet says. Whatever they are:
// nothing reaches the application before a login, nobody is logged in after the end, answers stay
// in proportion, and cutting the octets elsewhere changes nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/reach.h"
#include "fuzz/telnet_fuzz_setup.h"

namespace {

epa::fuzz::ReachPoint logged_in("data of a client that is logged in");
epa::fuzz::ReachPoint answered("an answer");
epa::fuzz::ReachPoint closed("a client that is sent away");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using epa::fuzz::Require;
  if (size == 0) {
    return 0;
  }
  const std::span<const uint8_t> octets(data + 1, size - 1);
  const size_t cut = std::min<size_t>(data[0], octets.size());
  const epa::fuzz::Served whole = epa::fuzz::ServeTelnet(octets, {});
  Require(whole == epa::fuzz::ServeTelnet(octets.first(cut), octets.subspan(cut)));
  logged_in.Reach(!whole.data.empty());
  answered.Reach(!whole.sent.empty());
  closed.Reach(whole.closed);
  Require(whole.data.size() <= octets.size() && whole.sent.size() <= octets.size() + 64);
  return 0;
}
