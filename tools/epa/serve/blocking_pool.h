// Threads for work that may block.
#ifndef EPA_TOOLS_EPA_SERVE_BLOCKING_POOL_H_
#define EPA_TOOLS_EPA_SERVE_BLOCKING_POOL_H_

#include <chrono>
#include <memory>

#include "tools/epa/serve/thread_group.h"

namespace epa::tool {

// Runs tasks in the order in which they came, a few at a time.
class BlockingPool {
 public:
  class Task {
   public:
    virtual ~Task() = default;
    virtual void RunBlocking() noexcept = 0;
  };

  BlockingPool();
  // As Stop without patience.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Starts the threads. Tasks may come before.
  void Start(int threads);
  // Holds the task until it has run, or the pool stopped. Called by any thread.
  void Run(std::shared_ptr<Task> task);
  // Drops what has not begun and waits for the rest. False where some of it goes on for longer:
  // its thread is left to itself and ends with it. Idempotent.
  bool Stop(std::chrono::milliseconds patience);

 private:
  struct State;
  std::shared_ptr<State> state_;
  ThreadGroup threads_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_BLOCKING_POOL_H_
