#include "providers/kerberos/replay_cache.h"

#include <utility>

namespace epa::kerberos {

bool InProcessReplayCache::Store(const Tag& tag, int64_t now, int64_t lifetime) {
  Shard& shard = shards_[tag.front() % kShards];
  const std::lock_guard<std::mutex> lock(shard.mutex);
  if (now - shard.young_since > lifetime) {
    const bool both_aged = now - shard.young_since > 2 * lifetime;
    shard.old = std::exchange(shard.young, {});
    if (both_aged) {
      shard.old.clear();
    }
    shard.young_since = now;
  }
  return !shard.old.contains(tag) && shard.young.insert(tag).second;
}

}  // namespace epa::kerberos
