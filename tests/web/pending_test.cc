// Logins that wait, in a server whose threads may wait for a while.
#include "modules/web/pending.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tests/http/http_test_support.h"
#include "tests/support/gate.h"
#include "tests/support/status_matchers.h"

namespace epa::web {
namespace {

using ::epa::http::Ntlm;
using ::epa::http::TestServer;
using ::epa::test::StatusIs;
using Action = http::Verdict::Action;

// Work that ends when the gate opens.
struct HeldWork : PendingWork {
  explicit HeldWork(std::shared_ptr<test::Gate> the_gate) : gate(std::move(the_gate)) {}
  void Run() override { gate->Wait(); }
  std::shared_ptr<test::Gate> gate;
};

http::RequestView View(const std::string& field) { return {1, {field}}; }

TEST(PendingTest, WorkIsDoneBeforeTheVerdict) {
  const auto pool = CreatePool(8).value();
  TestServer server;
  const http::Verdict verdict = AwaitVerdict(*server.authenticator, View(Ntlm("ask alice")), *pool);
  EXPECT_EQ(verdict.action, Action::kServe);
  EXPECT_EQ(server.User(), "alice");
  EXPECT_EQ(pool->counters().run, 1u);
  EXPECT_EQ(AwaitVerdict(*server.authenticator, View(Ntlm("hello")), *pool).status, 401);
  EXPECT_EQ(pool->counters().run, 1u);
}

TEST(PendingTest, WorkThatHangsIsLeftBehind) {
  const auto pool = CreatePool(8).value();
  const auto gate = std::make_shared<test::Gate>();
  test::FakePackageOptions package;
  package.acceptor = [gate](std::string_view, int, test::FakeLogin&) {
    return MechanismResult::Pending(std::make_unique<HeldWork>(gate));
  };
  {
    TestServer server(std::move(package));
    const http::Verdict verdict = AwaitVerdict(*server.authenticator, View(Ntlm("any")), *pool,
                                               std::chrono::milliseconds(20));
    EXPECT_EQ(verdict.status, 500);
    EXPECT_TRUE(verdict.close);
    EXPECT_THAT(verdict.fault, StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  gate->Open();
  EXPECT_TRUE(pool->Stop(std::chrono::seconds(20)));
}

TEST(PendingTest, HalfOfTheThreadsNeverWait) {
  constexpr int kThreads = 8;
  const auto pool = CreatePool(kThreads).value();
  const auto gate = std::make_shared<test::Gate>();
  int waiting = 0;
  while (pool->Run([gate] { gate->Wait(); }).ok()) {
    ++waiting;
  }
  EXPECT_GE(waiting, 1);
  EXPECT_LE(waiting, kThreads / 2 + 1);
  TestServer server;
  const http::Verdict verdict = AwaitVerdict(*server.authenticator, View(Ntlm("ask alice")), *pool);
  EXPECT_EQ(verdict.status, 500);
  EXPECT_THAT(verdict.fault, StatusIs(absl::StatusCode::kResourceExhausted));
  gate->Open();
  EXPECT_TRUE(pool->Stop(std::chrono::seconds(20)));
}

TEST(PendingTest, AProcessOfOneThreadHasAPool) { EXPECT_TRUE(CreatePool(1).ok()); }

}  // namespace
}  // namespace epa::web
