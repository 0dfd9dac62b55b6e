// A few threads for work that may block: asking a directory, reading from a store that is far away.
#ifndef EPA_CORE_WORK_POOL_H_
#define EPA_CORE_WORK_POOL_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/security_package.h"

#pragma GCC visibility push(default)

namespace epa {

struct WorkPoolOptions {
  // Pieces of work that run at one time. A thread is started when there is work for it, and stays.
  int threads = 8;
  // Of these, for work that waits for one party (PendingWork::party).
  int threads_for_one_party = 6;
  // Pieces of work that may wait for a thread; more are refused at once.
  size_t max_waiting = 256;
  // Threads left behind in work that hangs (RunWithin) whose places new ones take. Where more hang
  // no thread is started until some come back.
  int max_left_behind = 16;
};

// Since the pool was created, and now.
struct WorkPoolCounters {
  uint64_t run = 0;        // begun
  uint64_t refused = 0;    // no room in the queue, or no thread
  size_t waiting = 0;      // now: for a thread
  size_t running = 0;      // now: somebody waits for it, or it is not known whether
  size_t left_behind = 0;  // now: still running though nobody waits
};

// Runs work in the order in which it came, that of each party by itself. Called by any thread, but
// Stop by one, and neither Stop nor RunWithin by its own. Signals are blocked on its threads: they
// are for the program's.
//
// Work shares the ownership of all that it uses: where it hangs it is left to itself, and may go on
// after the pool has gone. It must not throw.
class WorkPool {
 public:
  using Work = std::function<void()>;

  // InvalidArgument for limits that leave no thread or no place in the queue.
  static absl::StatusOr<std::unique_ptr<WorkPool>> Create(WorkPoolOptions options);
  // As Stop without patience.
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // Has `work` run by one of the threads, and returns at once. ResourceExhausted where the queue is
  // full or there is no thread, FailedPrecondition after Stop: it will not run then. `party`: as
  // PendingWork's.
  [[nodiscard]] absl::Status Run(Work work, const void* party = nullptr);

  // The same for the pending work of a step, which `done` gets back on the pool's thread; null
  // where it threw, as it does without memory. Where it is refused `work` still has it: Resume with
  // it as it is ends the login with a fault.
  [[nodiscard]] absl::Status RunPending(std::unique_ptr<PendingWork>& work,
                                        std::function<void(std::unique_ptr<PendingWork>)> done);

  // Has `work` run and waits for its end, at most so long. DeadlineExceeded where it did not end:
  // work that had not begun never will, and work that goes on is left behind, with a new thread in
  // its thread's place. Cancelled where Stop came before its turn; else as Run.
  [[nodiscard]] absl::Status RunWithin(std::chrono::milliseconds patience, Work work,
                                       const void* party = nullptr);

  // Drops what has not begun and waits at most so long for the rest. False where some of it goes on
  // for longer: its threads are left to themselves. Idempotent.
  bool Stop(std::chrono::milliseconds patience);

  WorkPoolCounters counters() const;

 private:
  struct State;
  explicit WorkPool(std::shared_ptr<State> state);
  const std::shared_ptr<State> state_;
};

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_WORK_POOL_H_
