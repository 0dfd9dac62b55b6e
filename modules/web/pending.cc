#include "modules/web/pending.h"

#include <algorithm>

namespace epa::web {

absl::StatusOr<std::unique_ptr<WorkPool>> CreatePool(int serving_threads) {
  WorkPoolOptions options;
  options.threads = std::clamp(serving_threads / 4, 1, options.threads);
  options.threads_for_one_party = std::max(1, options.threads * 3 / 4);
  options.max_waiting = static_cast<size_t>(std::max(1, serving_threads / 2 - options.threads));
  return WorkPool::Create(options);
}

}  // namespace epa::web
