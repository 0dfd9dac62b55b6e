// Whatever CHALLENGE is read must read the same once written again.
#include <algorithm>
#include <cstdlib>

#include "providers/ntlm/messages/challenge_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto first = epa::ntlm::ParseChallengeMessage({data, size});
  if (!first.ok()) {
    return 0;
  }
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
