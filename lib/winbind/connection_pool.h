// A few connections to winbindd, each with a thread that may wait for ever; whoever asks does not.
#ifndef EPA_LIB_WINBIND_CONNECTION_POOL_H_
#define EPA_LIB_WINBIND_CONNECTION_POOL_H_

#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "epa/winbind/winbind.h"
#include "lib/winbind/client.h"

namespace epa::winbind {

class ConnectionPool {
 public:
  // Run by a connection's thread. It owns all it needs, for it may run on after its Run returned.
  using Task = std::function<absl::Status(Client&)>;

  ConnectionPool(ClientFactory factory, const Options& limits);
  // Threads that wait for winbindd are left to themselves and end with their wait.
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  // Runs `task` with a connection and returns its status. Unavailable, without the task having
  // run, where the queue is full or a fault was just seen; DeadlineExceeded where the task was
  // given up. An error of a task is a fault. Called by any thread.
  absl::Status Run(Task task);

  // Of what went through Run: asked, faults, timed_out, not_asked, waiting, abandoned.
  Counters counters() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace epa::winbind

#endif  // EPA_LIB_WINBIND_CONNECTION_POOL_H_
