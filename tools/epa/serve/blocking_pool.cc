#include "tools/epa/serve/blocking_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace epa::tool {

struct BlockingPool::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<Task>> tasks;
  bool stopping = false;

  // Null when it is time to end.
  std::shared_ptr<Task> Take() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopping || !tasks.empty(); });
    if (stopping) {
      return nullptr;
    }
    std::shared_ptr<Task> task = std::move(tasks.front());
    tasks.pop_front();
    return task;
  }
};

BlockingPool::BlockingPool() : state_(std::make_shared<State>()) {}
BlockingPool::~BlockingPool() { Stop(std::chrono::milliseconds(0)); }

void BlockingPool::Start(int threads) {
  for (int i = 0; i < threads; ++i) {
    threads_.Start([state = state_] {
      while (const std::shared_ptr<Task> task = state->Take()) {
        task->RunBlocking();
      }
    });
  }
}

void BlockingPool::Run(std::shared_ptr<Task> task) {
  const std::lock_guard lock(state_->mutex);
  state_->tasks.push_back(std::move(task));
  state_->changed.notify_one();
}

bool BlockingPool::Stop(std::chrono::milliseconds patience) {
  std::deque<std::shared_ptr<Task>> dropped;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    dropped.swap(state_->tasks);
    state_->changed.notify_all();
  }
  return threads_.Join(patience);
}

}  // namespace epa::tool
