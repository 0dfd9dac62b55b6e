#include "lib/base/thread_group.h"

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

namespace epa {

struct ThreadGroup::Thread {
  bool HasEnded(std::chrono::steady_clock::time_point deadline) const {
    return ended.wait_until(deadline) == std::future_status::ready;
  }

  std::future<void> ended;
  std::thread thread;
};

ThreadGroup::ThreadGroup() = default;
ThreadGroup::~ThreadGroup() { Join(std::chrono::milliseconds(0)); }

void ThreadGroup::Start(std::function<void()> run) {
  ForgetEnded();
  std::promise<void> end;
  auto thread = std::make_unique<Thread>();
  thread->ended = end.get_future();
  threads_.reserve(threads_.size() + 1);
  thread->thread = std::thread([run = std::move(run), end = std::move(end)]() mutable {
    run();
    run = nullptr;  // what it owns goes before anybody hears of the end
    end.set_value();
  });
  threads_.push_back(std::move(thread));
}

void ThreadGroup::ForgetEnded() {
  std::erase_if(threads_, [](const std::unique_ptr<Thread>& thread) {
    const bool ended = thread->HasEnded({});
    if (ended) {
      thread->thread.join();
    }
    return ended;
  });
}

bool ThreadGroup::Wait(std::chrono::milliseconds patience) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  return std::all_of(threads_.begin(), threads_.end(),
                     [deadline](const auto& thread) { return thread->HasEnded(deadline); });
}

bool ThreadGroup::Join(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  bool all = true;
  for (const std::unique_ptr<Thread>& thread : std::exchange(threads_, {})) {
    if (thread->HasEnded(deadline)) {
      thread->thread.join();
    } else {
      thread->thread.detach();
      all = false;
    }
  }
  return all;
}

}  // namespace epa
