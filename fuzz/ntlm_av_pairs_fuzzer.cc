// A list that is read, written again pair by pair, is the list without its padding.
#include <algorithm>
#include <cstdlib>

#include "fuzz/reach.h"
#include "providers/ntlm/messages/av_pairs.h"

namespace {

epa::fuzz::ReachPoint bound("a list with bindings");
epa::fuzz::ReachPoint single_host("a list with a machine id");
epa::fuzz::ReachPoint refused("a refused list");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> octets(data, size);
  const auto pairs = epa::ntlm::ParseAvPairs(octets, epa::ntlm::AvTrailer::kZeros);
  refused.Reach(!pairs.ok());
  if (!pairs.ok() || octets.empty()) {
    return 0;
  }
  epa::ByteWriter written;
  for (const epa::ntlm::AvPair& pair : pairs->pairs()) {
    if (!epa::ntlm::WriteAvPair(pair.id, pair.value, written)) {
      std::abort();
    }
  }
  epa::ntlm::WriteAvEol(written);
  if (written.size() > octets.size() ||
      !std::ranges::equal(written.written(), octets.first(written.size()))) {
    std::abort();
  }
  const auto bindings = pairs->channel_bindings();
  const bool found = pairs->Find(epa::ntlm::AvId::kChannelBindings) != nullptr;
  const auto host = pairs->single_host();
  bound.Reach(found);
  single_host.Reach(host.has_value());
  if (found != bindings.has_value() || (host.has_value() && host->machine_id.size() != 32)) {
    std::abort();
  }
  return 0;
}
