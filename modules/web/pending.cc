#include "modules/web/pending.h"

#include <algorithm>
#include <utility>

namespace epa::web {
absl::StatusOr<std::unique_ptr<WorkPool>> CreatePool(int serving_threads) {
  WorkPoolOptions options;
  options.threads = std::clamp(serving_threads / 4, 1, options.threads);
  options.threads_for_one_party = std::max(1, options.threads * 3 / 4);
  options.max_waiting = static_cast<size_t>(std::max(1, serving_threads / 2 - options.threads));
  return WorkPool::Create(options);
}

http::Verdict AwaitVerdict(http::Authenticator& authenticator, const http::RequestView& request,
                           WorkPool& pool, std::chrono::milliseconds patience) {
  http::Verdict verdict = authenticator.OnRequest(request);
  while (verdict.action == http::Verdict::Action::kPending) {
    // Work that is left behind keeps what it works on.
    const auto work =
        std::make_shared<std::unique_ptr<PendingWork>>(std::move(verdict.pending_work));
    const absl::Status ran = pool.RunWithin(
        patience, [work] { (*work)->Run(); }, (*work)->party());
    verdict = authenticator.Resume(ran.ok() ? std::move(*work) : nullptr);
    if (!ran.ok()) {
      verdict.fault = ran;
    }
  }
  return verdict;
}

}  // namespace epa::web
