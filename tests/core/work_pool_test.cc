#include "epa/core/work_pool.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/gate.h"

namespace epa {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using test::Gate;

// Longer than any machine is slow.
constexpr auto kLong = hours(1);

std::unique_ptr<WorkPool> PoolOf(WorkPoolOptions options) {
  return WorkPool::Create(options).value();
}

// Work that hangs until the gate opens.
WorkPool::Work Hang(const std::shared_ptr<Gate>& gate) {
  return [gate] { gate->Wait(); };
}

template <typename Condition>
void Await(Condition condition) {
  while (!condition()) {
    std::this_thread::yield();
  }
}

// Has work that hangs left behind. What a slow machine does not begin in time never runs.
void LeaveBehind(WorkPool& pool, const WorkPool::Work& work) {
  const auto begun = std::make_shared<std::atomic<bool>>(false);
  while (!*begun) {
    EXPECT_TRUE(absl::IsDeadlineExceeded(pool.RunWithin(milliseconds(20), [begun, work] {
      *begun = true;
      work();
    })));
  }
}

TEST(WorkPool, RunsAllInTheOrderInWhichItCame) {
  std::vector<int> order;
  const auto pool = PoolOf({.threads = 1});
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(pool->Run([&order, i] { order.push_back(i); }).ok());
  }
  EXPECT_TRUE(pool->RunWithin(kLong, [] {}).ok());
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(pool->counters().run, 101u);
}

TEST(WorkPool, RunsNoMoreAtOneTimeThanItMay) {
  const auto gate = std::make_shared<Gate>();
  const auto pool = PoolOf({.threads = 3});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(pool->Run(Hang(gate)).ok());
  }
  gate->AwaitWaiting(3);
  const WorkPoolCounters counters = pool->counters();
  EXPECT_EQ(counters.running, 3u);
  EXPECT_EQ(counters.waiting, 2u);
  gate->Open();
  EXPECT_TRUE(pool->Stop(kLong));
}

TEST(WorkPool, APartyThatIsSilentDoesNotHoldUpTheOthers) {
  const auto gate = std::make_shared<Gate>();
  const auto pool = PoolOf({.threads = 3, .threads_for_one_party = 2});
  const int silent = 0;
  const int other = 0;
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(pool->Run(Hang(gate), &silent).ok());
  }
  gate->AwaitWaiting(2);
  for (const void* const party :
       {static_cast<const void*>(&other), static_cast<const void*>(nullptr)}) {
    std::promise<void> ran;
    EXPECT_TRUE(pool->Run([&ran] { ran.set_value(); }, party).ok());
    ran.get_future().wait();
  }
  Await([&] { return pool->counters().running == 2; });
  EXPECT_EQ(pool->counters().waiting, 8u);
  gate->Open();
  Await([&] { return pool->counters().run == 12; });
  EXPECT_TRUE(pool->Stop(kLong));
}

TEST(WorkPool, WhoWaitsForASilentPartyDoesNotHoldUpTheOthers) {
  const auto gate = std::make_shared<Gate>();
  const auto pool = PoolOf({.threads = 2, .threads_for_one_party = 1});
  const int silent = 0;
  auto first =
      std::async(std::launch::async, [&] { return pool->RunWithin(kLong, Hang(gate), &silent); });
  gate->AwaitWaiting(1);
  auto second =
      std::async(std::launch::async, [&] { return pool->RunWithin(kLong, Hang(gate), &silent); });
  Await([&] { return pool->counters().waiting == 1; });
  EXPECT_TRUE(pool->RunWithin(kLong, [] {}).ok());
  EXPECT_EQ(pool->counters().waiting, 1u);
  gate->Open();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
}

TEST(WorkPool, WhatFindsNoRoomIsRefusedAtOnceAndFreed) {
  const auto gate = std::make_shared<Gate>();
  const auto pool = PoolOf({.threads = 1, .max_waiting = 1});
  EXPECT_TRUE(pool->Run(Hang(gate)).ok());
  gate->AwaitWaiting(1);
  EXPECT_TRUE(pool->Run([] {}).ok());
  const auto owned = std::make_shared<int>();
  EXPECT_TRUE(absl::IsResourceExhausted(pool->Run([owned] {})));
  EXPECT_TRUE(absl::IsResourceExhausted(pool->RunWithin(kLong, [owned] {})));
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_EQ(pool->counters().refused, 2u);
  gate->Open();
}

TEST(WorkPool, WorkThatHangsIsLeftBehindAndAnotherThreadGoesOn) {
  const auto gate = std::make_shared<Gate>();
  const auto pool = PoolOf({.threads = 1, .max_left_behind = 1});
  // Waits already when the thread is given up, where the machine is quick.
  auto late = std::async(std::launch::async, [&pool, gate] {
    gate->AwaitWaiting(1);
    return pool->RunWithin(kLong, [] {});
  });
  LeaveBehind(*pool, Hang(gate));
  EXPECT_TRUE(late.get().ok());
  EXPECT_EQ(pool->counters().left_behind, 1u);
  // One more, and there is no thread until one comes back.
  LeaveBehind(*pool, Hang(gate));
  EXPECT_TRUE(absl::IsResourceExhausted(pool->RunWithin(kLong, [] {})));
  EXPECT_TRUE(absl::IsResourceExhausted(pool->Run([] {})));
  gate->Open();
  Await([&] { return pool->counters().left_behind == 0; });
  EXPECT_TRUE(pool->RunWithin(kLong, [] {}).ok());
  EXPECT_TRUE(pool->Stop(kLong));
}

TEST(WorkPool, WhatHadNotBegunInTimeNeverRuns) {
  const auto gate = std::make_shared<Gate>();
  const auto pool = PoolOf({.threads = 1});
  EXPECT_TRUE(pool->Run(Hang(gate)).ok());
  gate->AwaitWaiting(1);
  const auto ran = std::make_shared<std::atomic<bool>>(false);
  EXPECT_TRUE(absl::IsDeadlineExceeded(pool->RunWithin(milliseconds(1), [ran] { *ran = true; })));
  EXPECT_EQ(pool->counters().waiting, 0u);
  EXPECT_EQ(pool->counters().left_behind, 0u);
  gate->Open();
  EXPECT_TRUE(pool->Stop(kLong));
  EXPECT_FALSE(*ran);
}

TEST(WorkPool, StoppingDropsWhatWaitsAndWaitsForWhatRuns) {
  const auto gate = std::make_shared<Gate>();
  const auto pool = PoolOf({.threads = 1});
  EXPECT_TRUE(pool->Run(Hang(gate)).ok());
  gate->AwaitWaiting(1);
  const auto owned = std::make_shared<int>();
  EXPECT_TRUE(pool->Run([owned] { ADD_FAILURE() << "was dropped"; }).ok());
  auto waiting = std::async(std::launch::async, [&] { return pool->RunWithin(kLong, [] {}); });
  Await([&] { return pool->counters().waiting == 2; });
  auto stopped = std::async(std::launch::async, [&] { return pool->Stop(kLong); });
  EXPECT_TRUE(absl::IsCancelled(waiting.get()));
  EXPECT_EQ(stopped.wait_for(milliseconds(0)), std::future_status::timeout);
  gate->Open();
  EXPECT_TRUE(stopped.get());
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(pool->Run([] {})));
  EXPECT_TRUE(absl::IsFailedPrecondition(pool->RunWithin(kLong, [] {})));
}

TEST(WorkPool, StoppingHasALimitAndWhatHangsKeepsWhatItUses) {
  const auto gate = std::make_shared<Gate>();
  std::promise<void> gone;
  auto owned = std::shared_ptr<int>(new int, [&gone](int* number) {
    delete number;
    gone.set_value();
  });
  auto pool = PoolOf({});
  EXPECT_TRUE(pool->Run([gate, owned = std::move(owned)] { gate->Wait(); }).ok());
  gate->AwaitWaiting(1);
  EXPECT_FALSE(pool->Stop(milliseconds(1)));
  EXPECT_FALSE(pool->Stop(kLong));  // it has stopped already
  pool.reset();
  auto freed = gone.get_future();
  EXPECT_EQ(freed.wait_for(milliseconds(0)), std::future_status::timeout);
  gate->Open();
  freed.wait();
}

class Pending final : public PendingWork {
 public:
  explicit Pending(bool throws) : throws_(throws) {}
  void Run() override {
    if (throws_) {
      throw std::bad_alloc();
    }
    ran = true;
  }
  bool ran = false;

 private:
  const bool throws_;
};

TEST(WorkPool, PendingWorkComesBack) {
  const auto pool = PoolOf({});
  const auto run = [&pool](bool throws) {
    std::unique_ptr<PendingWork> work = std::make_unique<Pending>(throws);
    std::promise<std::unique_ptr<PendingWork>> result;
    EXPECT_TRUE(pool->RunPending(work,
                                 [&result](std::unique_ptr<PendingWork> done) {
                                   result.set_value(std::move(done));
                                 })
                    .ok());
    EXPECT_EQ(work, nullptr);
    return result.get_future().get();
  };
  const auto done = run(false);
  ASSERT_NE(done, nullptr);
  EXPECT_TRUE(static_cast<const Pending&>(*done).ran);
  EXPECT_EQ(run(true), nullptr);
}

TEST(WorkPool, PendingWorkThatIsRefusedStaysWithWhoeverHasIt) {
  const auto pool = PoolOf({});
  EXPECT_TRUE(pool->Stop(kLong));
  std::unique_ptr<PendingWork> work = std::make_unique<Pending>(false);
  const PendingWork* const given = work.get();
  EXPECT_FALSE(
      pool->RunPending(work, [](std::unique_ptr<PendingWork>) { ADD_FAILURE() << "refused"; })
          .ok());
  EXPECT_EQ(work.get(), given);
}

TEST(WorkPool, SignalsAreForTheProgramsOwnThreads) {
  const auto pool = PoolOf({});
  sigset_t blocked;
  sigemptyset(&blocked);
  EXPECT_TRUE(
      pool->RunWithin(kLong, [&blocked] { pthread_sigmask(SIG_BLOCK, nullptr, &blocked); }).ok());
  EXPECT_EQ(sigismember(&blocked, SIGTERM), 1);
  EXPECT_EQ(sigismember(&blocked, SIGPIPE), 1);
}

TEST(WorkPool, LimitsThatLeaveNoRoomAreRefused) {
  for (const WorkPoolOptions& options : std::vector<WorkPoolOptions>{{.threads = 0},
                                                                     {.threads_for_one_party = 0},
                                                                     {.max_waiting = 0},
                                                                     {.max_left_behind = -1}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(WorkPool::Create(options).status()));
  }
}

// Everybody at once, for ThreadSanitizer.
TEST(WorkPool, ManyAskAtOnce) {
  const auto pool = PoolOf({.threads = 4, .max_waiting = 16, .max_left_behind = 4});
  std::atomic<int> ran = 0;
  std::atomic<int> accepted = 0;
  {
    std::vector<std::jthread> askers;
    for (int i = 0; i < 8; ++i) {
      askers.emplace_back([&] {
        for (int j = 0; j < 200; ++j) {
          accepted += pool->Run([&ran] { ++ran; }).ok() ? 1 : 0;
          accepted += pool->RunWithin(kLong, [&ran] { ++ran; }).ok() ? 1 : 0;
        }
      });
    }
  }
  Await([&] { return pool->counters().waiting == 0 && pool->counters().running == 0; });
  EXPECT_TRUE(pool->Stop(kLong));
  EXPECT_EQ(ran, accepted);
  EXPECT_EQ(pool->counters().refused, 8u * 400 - static_cast<size_t>(accepted));
}

}  // namespace
}  // namespace epa
