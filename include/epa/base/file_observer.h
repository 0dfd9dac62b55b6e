// How a program learns of changes to the files that this library watches for it.
#ifndef EPA_BASE_FILE_OBSERVER_H_
#define EPA_BASE_FILE_OBSERVER_H_

#include <functional>

#include "absl/status/status.h"

#pragma GCC visibility push(default)

namespace epa {

// Called with OK when changed files have taken effect, and with the cause when they cannot be used:
// what was read before then stays in effect. The same cause is reported once. Called by a thread
// of the library's, with all signals blocked; returns soon and does not throw.
using FileObserver = std::function<void(const absl::Status&)>;

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_BASE_FILE_OBSERVER_H_
