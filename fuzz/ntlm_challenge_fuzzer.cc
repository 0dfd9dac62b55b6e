// Whatever CHALLENGE is read must read the same once written again.
#include <algorithm>
#include <cstdlib>

#include "fuzz/reach.h"
#include "providers/ntlm/messages/challenge_message.h"

namespace {

epa::fuzz::ReachPoint was_read("a message");
epa::fuzz::ReachPoint with_information("target information");
epa::fuzz::ReachPoint refused("a refused message");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto first = epa::ntlm::ParseChallengeMessage({data, size});
  refused.Reach(!first.ok());
  if (!first.ok()) {
    return 0;
  }
  was_read.Reach();
  with_information.Reach(!first->av_pairs.pairs().empty());
  const auto written = epa::ntlm::WriteChallengeMessage(*first);
  if (!written.ok()) {
    std::abort();
  }
  const auto second = epa::ntlm::ParseChallengeMessage(*written);
  if (!second.ok() || first->server_challenge != second->server_challenge ||
      !std::ranges::equal(first->target_name, second->target_name) ||
      !std::ranges::equal(first->target_info, second->target_info) ||
      first->av_pairs.pairs().size() != second->av_pairs.pairs().size() ||
      first->version != second->version) {
    std::abort();
  }
  return 0;
}
