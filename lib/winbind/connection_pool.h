// A few connections to winbindd, each used by a thread that may wait for ever; whoever asks does
// not.
#ifndef EPA_LIB_WINBIND_CONNECTION_POOL_H_
#define EPA_LIB_WINBIND_CONNECTION_POOL_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/work_pool.h"
#include "epa/winbind/winbind.h"
#include "lib/winbind/client.h"

namespace epa::winbind {

class ConnectionPool {
 public:
  // Run by another thread. It owns all it needs, for it may run on after its Run returned.
  using Task = std::function<absl::Status(Client&)>;

  // InvalidArgument for limits below 1.
  static absl::StatusOr<std::unique_ptr<ConnectionPool>> Create(ClientFactory factory,
                                                                const Options& limits);

  // Runs `task` with a connection and returns its status. Unavailable, without the task having
  // run, where the queue is full or a fault was just seen; DeadlineExceeded where the task was
  // given up. An error of a task is a fault. Called by any thread.
  absl::Status Run(Task task);

  // Of what went through Run: asked, faults, timed_out, not_asked, waiting, abandoned.
  Counters counters() const;

 private:
  struct State;
  ConnectionPool(std::shared_ptr<State> state, std::unique_ptr<WorkPool> threads);

  const std::shared_ptr<State> state_;
  const std::unique_ptr<WorkPool> threads_;
};

}  // namespace epa::winbind

#endif  // EPA_LIB_WINBIND_CONNECTION_POOL_H_
