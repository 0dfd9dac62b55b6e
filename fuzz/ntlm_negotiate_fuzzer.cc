// Whatever NEGOTIATE is read must read the same once written again.
#include <algorithm>
#include <cstdlib>

#include "fuzz/reach.h"
#include "providers/ntlm/messages/negotiate_message.h"

namespace {

epa::fuzz::ReachPoint was_read("a message");
epa::fuzz::ReachPoint with_version("a version");
epa::fuzz::ReachPoint refused("a refused message");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using epa::ntlm::NegotiateMessage;
  const auto first = epa::ntlm::ParseNegotiateMessage({data, size});
  refused.Reach(!first.ok());
  if (!first.ok()) {
    return 0;
  }
  was_read.Reach();
  with_version.Reach(first->version.has_value());
  const auto written = epa::ntlm::WriteNegotiateMessage(*first);
  if (!written.ok()) {
    std::abort();
  }
  const auto second = epa::ntlm::ParseNegotiateMessage(*written);
  if (!second.ok() || !std::ranges::equal(first->domain, second->domain) ||
      !std::ranges::equal(first->workstation, second->workstation) ||
      first->version != second->version) {
    std::abort();
  }
  return 0;
}
