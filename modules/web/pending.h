// Pending work for hosts whose threads may wait, for a while and not all of them.
#ifndef EPA_MODULES_WEB_PENDING_H_
#define EPA_MODULES_WEB_PENDING_H_

#include <chrono>
#include <memory>

#include "absl/status/statusor.h"
#include "epa/core/work_pool.h"
#include "epa/http/authenticator.h"

namespace epa::web {

// How long a login may wait for a directory or a disk.
inline constexpr std::chrono::seconds kLoginPatience{20};

// A pool for a process that serves with so many threads: where work hangs, half of them go on with
// what needs none.
absl::StatusOr<std::unique_ptr<WorkPool>> CreatePool(int serving_threads);

// The verdict on a request, when all pending work was done. Work that did not end within
// `patience`, or that the pool refused, makes it 500, with the cause in `fault`.
http::Verdict AwaitVerdict(http::Authenticator& authenticator, const http::RequestView& request,
                           WorkPool& pool, std::chrono::milliseconds patience = kLoginPatience);

}  // namespace epa::web

#endif  // EPA_MODULES_WEB_PENDING_H_
