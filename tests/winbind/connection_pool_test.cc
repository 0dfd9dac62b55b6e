#include "lib/winbind/connection_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/winbind/fake_client.h"

namespace epa::winbind {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class ConnectionPoolTest : public ::testing::Test {
 protected:
  // For the answers that a test awaits: longer than any machine is slow.
  static Options Patient() {
    Options options;
    options.deadline = hours(1);
    return options;
  }

  std::unique_ptr<ConnectionPool> PoolOf(const Options& options) {
    return ConnectionPool::Create(FactoryOf(server_), options).value();
  }

  std::shared_ptr<FakeWinbindd> server_ = std::make_shared<FakeWinbindd>();
};

absl::Status Nothing(Client&) { return absl::OkStatus(); }

// Asks until so many hang: on a slow machine a question may be given up before it begins.
template <typename Task>
void AskUntilAbandoned(ConnectionPool& pool, size_t count, const Task& task) {
  while (pool.counters().abandoned < count) {
    EXPECT_TRUE(absl::IsDeadlineExceeded(pool.Run(task)));
  }
}

TEST_F(ConnectionPoolTest, ConnectsWhenAskedAndKeepsTheConnection) {
  const auto pool = PoolOf(Patient());
  EXPECT_EQ(server_->connections, 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(pool->Run(Nothing).ok());
  }
  EXPECT_EQ(server_->connections, 1);
  EXPECT_EQ(pool->counters().asked, 3u);
  EXPECT_EQ(pool->counters().faults, 0u);
}

TEST_F(ConnectionPoolTest, OpensNoMoreConnectionsThanItMay) {
  Options options = Patient();
  options.connections = 2;
  const auto pool = PoolOf(options);
  Gate gate;
  std::vector<std::jthread> askers;
  for (int i = 0; i < 6; ++i) {
    askers.emplace_back([&] {
      EXPECT_TRUE(pool->Run([&gate](Client&) {
                        gate.Wait();
                        return absl::OkStatus();
                      })
                      .ok());
    });
  }
  gate.AwaitWaiting(2);
  EXPECT_EQ(server_->connections, 2);
  gate.Open();
  askers.clear();
  EXPECT_EQ(pool->counters().asked, 6u);
  EXPECT_EQ(server_->connections, 2);
}

TEST_F(ConnectionPoolTest, AFullQueueIsAFaultAtOnce) {
  Options options = Patient();
  options.connections = 1;
  options.max_waiting = 1;
  const auto pool = PoolOf(options);
  Gate gate;
  const auto wait = [&gate](Client&) {
    gate.Wait();
    return absl::OkStatus();
  };
  std::vector<std::jthread> askers;
  askers.emplace_back([&] { EXPECT_TRUE(pool->Run(wait).ok()); });
  gate.AwaitWaiting(1);
  askers.emplace_back([&] { EXPECT_TRUE(pool->Run(wait).ok()); });
  while (pool->counters().waiting == 0) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(absl::IsUnavailable(pool->Run(Nothing)));
  EXPECT_EQ(pool->counters().not_asked, 1u);
  gate.Open();
}

TEST_F(ConnectionPoolTest, WhoeverHangsIsLeftBehind) {
  Options options;
  options.connections = 1;
  options.deadline = milliseconds(20);
  options.pause = milliseconds(0);
  const auto gate = std::make_shared<Gate>();
  const auto pool = PoolOf(options);
  const auto hang = [gate](Client&) {
    gate->Wait();
    return absl::OkStatus();
  };
  AskUntilAbandoned(*pool, 1, hang);
  EXPECT_GE(pool->counters().timed_out, 1u);
  // A new connection serves the next one, but hanging ones are not collected without end.
  AskUntilAbandoned(*pool, 2, hang);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(pool->Run(Nothing).ok());
  }
  EXPECT_EQ(server_->connections, 2);
  gate->Open();
  while (pool->counters().abandoned != 0) {
    std::this_thread::yield();
  }
  absl::Status after;
  do {  // the new connection's thread may start late
    after = pool->Run(Nothing);
  } while (absl::IsDeadlineExceeded(after));
  EXPECT_TRUE(after.ok()) << after;
  EXPECT_EQ(server_->connections, 3);
}

TEST_F(ConnectionPoolTest, AfterAFaultNobodyIsAskedUntilOneTried) {
  Options options = Patient();
  options.pause = hours(1);
  const auto paused = PoolOf(options);
  EXPECT_TRUE(absl::IsUnavailable(
      paused->Run([](Client&) { return absl::UnavailableError("no controller"); })));
  EXPECT_TRUE(absl::IsUnavailable(paused->Run(Nothing)));
  EXPECT_EQ(paused->counters().not_asked, 1u);
  EXPECT_EQ(paused->counters().faults, 1u);

  options.pause = milliseconds(0);
  const auto recovering = PoolOf(options);
  EXPECT_FALSE(
      recovering->Run([](Client&) { return absl::UnavailableError("no controller"); }).ok());
  EXPECT_TRUE(recovering->Run(Nothing).ok());
  EXPECT_TRUE(recovering->Run(Nothing).ok());
}

TEST_F(ConnectionPoolTest, OneTriesAndTheOthersDoNotWaitForIt) {
  Options options = Patient();
  options.pause = milliseconds(0);
  const auto pool = PoolOf(options);
  EXPECT_FALSE(pool->Run([](Client&) { return absl::UnavailableError("gone"); }).ok());
  Gate gate;
  std::jthread tries([&] {
    EXPECT_TRUE(pool->Run([&gate](Client&) {
                      gate.Wait();
                      return absl::OkStatus();
                    })
                    .ok());
  });
  gate.AwaitWaiting(1);
  EXPECT_TRUE(absl::IsUnavailable(pool->Run(Nothing)));
  gate.Open();
}

TEST_F(ConnectionPoolTest, WithoutWinbinddEverybodyWhoWaitsHearsIt) {
  Gate gate;
  server_->connect = [&gate] {
    gate.Wait();
    return absl::UnavailableError("no winbindd");
  };
  Options options = Patient();
  options.connections = 1;
  options.pause = hours(1);
  const auto pool = PoolOf(options);
  std::vector<std::jthread> askers;
  for (int i = 0; i < 4; ++i) {
    askers.emplace_back([&] { EXPECT_TRUE(absl::IsUnavailable(pool->Run(Nothing))); });
  }
  while (pool->counters().waiting != 3) {  // and one connects
    std::this_thread::yield();
  }
  gate.Open();
  askers.clear();
  EXPECT_EQ(pool->counters().waiting, 0u);
}

TEST_F(ConnectionPoolTest, WhatWasGivenUpIsNotAskedLate) {
  const auto gate = std::make_shared<Gate>();
  server_->connect = [gate] {
    gate->Wait();
    return absl::OkStatus();
  };
  Options options;
  options.connections = 2;
  options.deadline = milliseconds(10);
  options.pause = milliseconds(0);
  const auto pool = PoolOf(options);
  const auto asked = std::make_shared<std::atomic<int>>(0);
  // One connects, one waits for its turn to.
  AskUntilAbandoned(*pool, 2, [asked](Client&) {
    ++*asked;
    return absl::OkStatus();
  });
  gate->Open();
  while (pool->counters().abandoned != 0) {
    std::this_thread::yield();
  }
  EXPECT_EQ(*asked, 0);
  EXPECT_EQ(server_->open, 0);
}

TEST_F(ConnectionPoolTest, AfterAFaultTheOtherConnectionsAreNotTrusted) {
  Options options = Patient();
  options.connections = 2;
  options.pause = milliseconds(0);
  const auto pool = PoolOf(options);
  Gate gate;
  {
    std::vector<std::jthread> askers;
    for (int i = 0; i < 2; ++i) {
      askers.emplace_back([&] {
        EXPECT_TRUE(pool->Run([&gate](Client&) {
                          gate.Wait();
                          return absl::OkStatus();
                        })
                        .ok());
      });
    }
    gate.AwaitWaiting(2);
    gate.Open();
  }
  EXPECT_EQ(server_->open, 2);
  EXPECT_FALSE(pool->Run([](Client&) { return absl::UnavailableError("restarted"); }).ok());
  EXPECT_EQ(server_->open, 0);
  EXPECT_TRUE(pool->Run(Nothing).ok());
  EXPECT_EQ(server_->connections, 3);
}

TEST_F(ConnectionPoolTest, MayEndWhileItsConnectionsHang) {
  const auto gate = std::make_shared<Gate>();
  {
    Options options;
    options.deadline = milliseconds(10);
    const auto pool = PoolOf(options);
    EXPECT_FALSE(pool->Run([gate](Client&) {
                       gate->Wait();
                       return absl::OkStatus();
                     })
                     .ok());
  }
  gate->Open();
  while (server_->open != 0) {
    std::this_thread::yield();
  }
}

}  // namespace
}  // namespace epa::winbind
