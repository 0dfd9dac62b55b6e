#include "epa/core/work_pool.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "lib/base/status_macros.h"
#include "lib/base/thread_group.h"

namespace epa {
namespace {

enum class Stage : uint8_t { kWaiting, kRunning, kDone, kDropped, kLeftBehind };

struct Item {
  Item(WorkPool::Work what, const void* whom) : work(std::move(what)), party(whom) {}

  WorkPool::Work work;
  const void* const party;
  Stage stage = Stage::kWaiting;
  std::condition_variable changed;
};

using Items = std::deque<std::shared_ptr<Item>>;

void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

// Shared by the pool and its threads.
struct WorkPool::State {
  explicit State(WorkPoolOptions limits) : options(limits) {
    parties.reserve(static_cast<size_t>(limits.threads));
  }

  const WorkPoolOptions options;

  mutable std::mutex mutex;  // of what follows
  std::condition_variable changed;
  Items waiting;
  size_t threads = 0;                // those left behind aside
  std::vector<const void*> parties;  // of what runs; needs no memory any more
  WorkPoolCounters counts;
  bool stopping = false;
  bool all_ended = false;  // when it stopped
  ThreadGroup group;       // nothing is started once it stops

  absl::Status Put(const std::shared_ptr<State>& self, const std::shared_ptr<Item>& item);
  absl::Status Add(const std::shared_ptr<State>& self, const std::shared_ptr<Item>& item);
  bool HasThread(const std::shared_ptr<State>& self);
  void Serve();
  Items::iterator Next();
  std::shared_ptr<Item> Take();
  void Leave(const Item& item);
  bool Finish(Item& item);
  absl::Status GiveUp(const std::shared_ptr<State>& self, const std::shared_ptr<Item>& item);
};

// Threads are woken without the mutex, which they would only wait for.
absl::Status WorkPool::State::Put(const std::shared_ptr<State>& self,
                                  const std::shared_ptr<Item>& item) {
  {
    const std::lock_guard lock(mutex);
    EPA_RETURN_IF_ERROR(Add(self, item));
  }
  changed.notify_one();
  return absl::OkStatus();
}

absl::Status WorkPool::State::Add(const std::shared_ptr<State>& self,
                                  const std::shared_ptr<Item>& item) {
  if (stopping) {
    return absl::FailedPreconditionError("the work pool has stopped");
  }
  if (waiting.size() >= options.max_waiting) {
    ++counts.refused;
    return absl::ResourceExhaustedError("the work pool is full: " + std::to_string(waiting.size()) +
                                        " wait");
  }
  waiting.push_back(item);
  if (!HasThread(self)) {
    waiting.pop_back();
    ++counts.refused;
    return absl::ResourceExhaustedError(
        "the work pool has no thread: " + std::to_string(counts.left_behind) + " hang");
  }
  return absl::OkStatus();
}

// Whether what waits will be served, after starting a thread where one more may serve it.
bool WorkPool::State::HasThread(const std::shared_ptr<State>& self) {
  const size_t most = static_cast<size_t>(options.threads);
  const size_t most_behind = static_cast<size_t>(options.max_left_behind);
  if (threads - counts.running < waiting.size() && threads < most &&
      counts.left_behind <= most_behind) {
    try {
      group.Start([self] { self->Serve(); });
      ++threads;
    } catch (const std::system_error&) {
      // No thread to be had: those there are serve what waits.
    }
  }
  return threads > 0;
}

void WorkPool::State::Serve() {
  BlockSignals();
  while (const std::shared_ptr<Item> item = Take()) {
    item->work();
    item->work = nullptr;
    if (!Finish(*item)) {
      return;
    }
  }
}

// The first whose party has not all the threads it may have.
Items::iterator WorkPool::State::Next() {
  return std::ranges::find_if(waiting, [this](const std::shared_ptr<Item>& item) {
    return item->party == nullptr ||
           std::ranges::count(parties, item->party) < options.threads_for_one_party;
  });
}

// Null when it is time to end.
std::shared_ptr<Item> WorkPool::State::Take() {
  std::unique_lock lock(mutex);
  Items::iterator next;
  changed.wait(lock, [&] { return stopping || (next = Next()) != waiting.end(); });
  if (stopping) {
    --threads;
    return nullptr;
  }
  std::shared_ptr<Item> item = std::move(*next);
  waiting.erase(next);
  item->stage = Stage::kRunning;
  ++counts.run;
  ++counts.running;
  parties.push_back(item->party);
  return item;
}

// It no longer has a thread that counts, so that another of its party may have one.
void WorkPool::State::Leave(const Item& item) {
  --counts.running;
  parties.erase(std::ranges::find(parties, item.party));
}

// False where another thread has taken this one's place.
bool WorkPool::State::Finish(Item& item) {
  {
    const std::lock_guard lock(mutex);
    if (item.stage == Stage::kLeftBehind) {
      --counts.left_behind;
      return false;
    }
    Leave(item);
    item.stage = Stage::kDone;
  }
  item.changed.notify_one();
  return true;
}

absl::Status WorkPool::State::GiveUp(const std::shared_ptr<State>& self,
                                     const std::shared_ptr<Item>& item) {
  if (item->stage == Stage::kWaiting) {
    std::erase(waiting, item);
    return absl::DeadlineExceededError("no thread was free in time");
  }
  item->stage = Stage::kLeftBehind;
  --threads;
  ++counts.left_behind;
  Leave(*item);
  if (!stopping && !waiting.empty()) {
    HasThread(self);
    changed.notify_one();
  }
  return absl::DeadlineExceededError("the work did not end in time");
}

absl::StatusOr<std::unique_ptr<WorkPool>> WorkPool::Create(WorkPoolOptions options) {
  if (options.threads < 1 || options.threads_for_one_party < 1 || options.max_waiting < 1 ||
      options.max_left_behind < 0) {
    return absl::InvalidArgumentError(
        "a work pool has one thread and room for one piece of work at least");
  }
  return std::unique_ptr<WorkPool>(new WorkPool(std::make_shared<State>(options)));
}

WorkPool::WorkPool(std::shared_ptr<State> state) : state_(std::move(state)) {}
WorkPool::~WorkPool() { Stop(std::chrono::milliseconds(0)); }

absl::Status WorkPool::Run(Work work, const void* party) {
  const auto item = std::make_shared<Item>(std::move(work), party);
  return state_->Put(state_, item);
}

absl::Status WorkPool::RunPending(std::unique_ptr<PendingWork>& work,
                                  std::function<void(std::unique_ptr<PendingWork>)> done) {
  const void* const party = work->party();
  const auto owner = std::make_shared<std::unique_ptr<PendingWork>>(std::move(work));
  const auto run = [owner, done = std::move(done)] {
    try {
      (*owner)->Run();
    } catch (const std::exception&) {
      owner->reset();
    }
    done(std::move(*owner));
  };
  absl::Status accepted = Run(run, party);
  if (!accepted.ok()) {
    work = std::move(*owner);
  }
  return accepted;
}

absl::Status WorkPool::RunWithin(std::chrono::milliseconds patience, Work work, const void* party) {
  const std::shared_ptr<State> state = state_;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const auto item = std::make_shared<Item>(std::move(work), party);
  EPA_RETURN_IF_ERROR(state->Put(state, item));
  std::unique_lock lock(state->mutex);
  const bool settled = item->changed.wait_until(lock, deadline, [&item] {
    return item->stage == Stage::kDone || item->stage == Stage::kDropped;
  });
  if (!settled) {
    return state->GiveUp(state, item);
  }
  return item->stage == Stage::kDone ? absl::OkStatus()
                                     : absl::CancelledError("the work pool stopped");
}

bool WorkPool::Stop(std::chrono::milliseconds patience) {
  Items dropped;
  {
    const std::lock_guard lock(state_->mutex);
    if (std::exchange(state_->stopping, true)) {
      return state_->all_ended;
    }
    dropped.swap(state_->waiting);
    for (const std::shared_ptr<Item>& item : dropped) {
      item->stage = Stage::kDropped;
      item->changed.notify_all();
    }
    state_->changed.notify_all();
  }
  dropped.clear();
  const bool all_ended = state_->group.Join(patience);
  const std::lock_guard lock(state_->mutex);
  state_->all_ended = all_ended;
  return all_ended;
}

WorkPoolCounters WorkPool::counters() const {
  const std::lock_guard lock(state_->mutex);
  WorkPoolCounters counters = state_->counts;
  counters.waiting = state_->waiting.size();
  return counters;
}

}  // namespace epa
