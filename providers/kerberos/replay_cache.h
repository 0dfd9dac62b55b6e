// Authenticators seen by this process.
#ifndef EPA_PROVIDERS_KERBEROS_REPLAY_CACHE_H_
#define EPA_PROVIDERS_KERBEROS_REPLAY_CACHE_H_

#include <array>
#include <cstdint>
#include <mutex>
#include <span>

#include "absl/container/flat_hash_set.h"

namespace epa::kerberos {

// Safe for several threads, which meet only when their authenticators fall into the same shard.
class InProcessReplayCache {
 public:
  // SHA-256 of all that makes an authenticator what it is.
  using Tag = std::array<uint8_t, 32>;

  // False when `tag` was stored within `lifetime` seconds before `now`. Older ones may be
  // forgotten: libkrb5 refuses them for their age.
  bool Store(const Tag& tag, int64_t now, int64_t lifetime);

 private:
  static constexpr size_t kShards = 16;

  // Two generations: the older one is dropped as a whole when the younger one is a lifetime old.
  struct Shard {
    std::mutex mutex;
    int64_t young_since = 0;
    absl::flat_hash_set<Tag> young;
    absl::flat_hash_set<Tag> old;
  };

  std::array<Shard, kShards> shards_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_REPLAY_CACHE_H_
