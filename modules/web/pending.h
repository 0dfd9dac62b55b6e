// Pending work for hosts whose threads may wait, for a while and not all of them.
#ifndef EPA_MODULES_WEB_PENDING_H_
#define EPA_MODULES_WEB_PENDING_H_

#include <chrono>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "epa/core/work_pool.h"
#include "epa/http/authenticator.h"

namespace epa::web {

// How long a login may wait for a directory or a disk.
inline constexpr std::chrono::seconds kLoginPatience{20};

// A pool for a process that serves with so many threads: where work hangs, half of them go on with
// what needs none.
absl::StatusOr<std::unique_ptr<WorkPool>> CreatePool(int serving_threads);

// The verdict of `logins`, SiteLogins or an http::Authenticator, on a request, when all pending
// work was done. Work that did not end within `patience`, or that the pool refused, makes it 500,
// with the cause in `fault`.
template <typename Logins>
http::Verdict AwaitVerdict(Logins& logins, const http::RequestView& request, WorkPool& pool,
                           std::chrono::milliseconds patience = kLoginPatience) {
  http::Verdict verdict = logins.OnRequest(request);
  while (verdict.action == http::Verdict::Action::kPending) {
    // Work that is left behind keeps what it works on.
    const auto work =
        std::make_shared<std::unique_ptr<PendingWork>>(std::move(verdict.pending_work));
    const absl::Status ran = pool.RunWithin(
        patience, [work] { (*work)->Run(); }, (*work)->party());
    verdict = logins.Resume(ran.ok() ? std::move(*work) : nullptr);
    if (!ran.ok()) {
      verdict.fault = ran;
    }
  }
  return verdict;
}

}  // namespace epa::web

#endif  // EPA_MODULES_WEB_PENDING_H_
