// What all servers of `epa serve` have in common.
#include "tools/epa/serve/tcp_server.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "tests/support/gate.h"
#include "tests/tools/fake_site.h"
#include "tests/tools/loopback_client.h"

namespace epa::tool {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

std::unique_ptr<TcpServer> StartServer(TcpServerOptions options = {},
                                       FakeSiteOptions site_options = {}) {
  auto site = std::make_shared<const FakeSite>(std::move(site_options));
  auto server = TcpServer::Create(std::move(options), std::move(site)).value();
  server->Start();
  return server;
}

// Whether the server answers it by itself.
bool Echoes(const LoopbackClient& client) { return client.Send("e") && client.Receive() == "e"; }

bool LogsIn(const LoopbackClient& client) { return client.Send("L") && client.Receive() == "l"; }

// What the epolls of this process watch (proc(5), fdinfo).
size_t WatchedDescriptors() {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream info(entry.path());
    for (std::string line; std::getline(info, line);) {
      count += line.starts_with("tfd:") ? 1 : 0;
    }
  }
  return count;
}

// Holds all descriptors open, as every child does between fork and exec.
class IdleChild {
 public:
  IdleChild() : process_(fork()) {
    while (process_ == 0) {
      pause();
    }
  }
  ~IdleChild() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  IdleChild(const IdleChild&) = delete;
  IdleChild& operator=(const IdleChild&) = delete;

 private:
  const pid_t process_;
};

// Two answers at once: the second must not wait until the client acknowledged the first, for which
// clients take 40 ms.
TEST(TcpServer, AnAnswerDoesNotWaitForTheAcknowledgementOfTheOneBeforeIt) {
  const auto server = StartServer();
  const LoopbackClient client(server->port());
  // TCP acknowledges quickly in the beginning.
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(Echoes(client));
  }
  auto fastest = steady_clock::duration::max();
  for (int i = 0; i < 5; ++i) {
    const auto begin = steady_clock::now();
    ASSERT_TRUE(client.Send("ab"));
    std::string answer;
    while (answer.size() < 2) {
      const std::string more = client.Receive();
      ASSERT_FALSE(more.empty());
      answer += more;
    }
    EXPECT_EQ(answer, "ab");
    fastest = std::min(fastest, steady_clock::now() - begin);
  }
  EXPECT_LT(fastest, milliseconds(20));
}

TEST(TcpServer, SaysHelloWhereTheProtocolDoes) {
  const auto server = StartServer({}, {.greets = true});
  const LoopbackClient client(server->port());
  EXPECT_EQ(client.Receive(), "g");
  EXPECT_TRUE(Echoes(client));
}

TEST(TcpServer, WhoDoesNotLogInIsSentAwayAndWhoDidStays) {
  const auto server = StartServer({.times = {.login = seconds(1)}});
  const LoopbackClient silent(server->port());
  const LoopbackClient busy(server->port());
  const LoopbackClient user(server->port());
  ASSERT_TRUE(LogsIn(user));
  const auto begin = steady_clock::now();
  while (busy.Send("e") && !busy.Receive().empty() && steady_clock::now() - begin < kLongest) {
  }
  EXPECT_LT(steady_clock::now() - begin, kLongest);
  EXPECT_TRUE(silent.EndsWithin(kLongest));
  EXPECT_TRUE(Echoes(user));
  EXPECT_EQ(server->counters().late_logins, 2U);
}

TEST(TcpServer, ALoginThatWaitsForItsAuthorityHasNoMoreTime) {
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  const auto server =
      StartServer({.times = {.login = seconds(1)}}, {.work = [ended] { ended.wait(); }});
  const LoopbackClient client(server->port());
  ASSERT_TRUE(client.Send("W"));
  EXPECT_TRUE(client.EndsWithin(kLongest));
  end.set_value();
  EXPECT_TRUE(Echoes(LoopbackClient(server->port())));
}

TEST(TcpServer, WhoIsLoggedInMayBeSilentForTheProtocolsTimeAndGetsAGoodbye) {
  const auto server = StartServer({}, {.idle_time = seconds(1)});
  const LoopbackClient user(server->port());
  ASSERT_TRUE(LogsIn(user));
  EXPECT_TRUE(user.EndsWithin(kLongest));
}

TEST(TcpServer, AMessageThatHasBegunEndsInTime) {
  const auto server = StartServer({.times = {.patience = seconds(1)}});
  const LoopbackClient user(server->port());
  ASSERT_TRUE(LogsIn(user));
  const auto begin = steady_clock::now();
  while (user.Send("M") && !user.Hears(milliseconds(20)) &&
         steady_clock::now() - begin < kLongest) {
  }
  EXPECT_TRUE(user.EndsWithin(kLongest));
}

TEST(TcpServer, WorkRunsElsewhereAndOthersAreServedMeanwhile) {
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  const auto server = StartServer({}, {.work = [ended] { ended.wait(); }});
  const LoopbackClient waiting(server->port());
  ASSERT_TRUE(waiting.Send("We"));
  EXPECT_TRUE(Echoes(LoopbackClient(server->port())));
  EXPECT_FALSE(waiting.Hears(milliseconds(0)));
  end.set_value();
  std::string answer;
  while (answer.size() < 2) {
    answer += waiting.Receive();
  }
  EXPECT_EQ(answer, "we");
}

TEST(TcpServer, WhereTooManyLoginsWaitTheNextEndsWithAFaultAtOnce) {
  const auto gate = std::make_shared<test::Gate>();
  const auto server = StartServer({.workers = 1, .pool = {.threads = 1, .max_waiting = 1}},
                                  {.work = [gate] { gate->Wait(); }});
  const LoopbackClient running(server->port());
  ASSERT_TRUE(running.Send("W"));
  gate->AwaitWaiting(1);
  const LoopbackClient waiting(server->port());
  ASSERT_TRUE(waiting.Send("eW"));
  ASSERT_EQ(waiting.Receive(), "e");
  // The one worker has handed on what it read before.
  const LoopbackClient refused(server->port());
  ASSERT_TRUE(refused.Send("W"));
  EXPECT_EQ(refused.Receive(), "f");
  gate->Open();
  EXPECT_EQ(running.Receive(), "w");
}

TEST(TcpServer, WhoWaitsAtItsAddressLongestGivesWayToTheNext) {
  const auto server = StartServer({.max_connections = 100, .max_connections_per_address = 3});
  const LoopbackClient user(server->port());
  ASSERT_TRUE(LogsIn(user));
  const LoopbackClient oldest(server->port());
  ASSERT_TRUE(Echoes(oldest));
  const LoopbackClient second(server->port());
  ASSERT_TRUE(Echoes(second));
  const LoopbackClient elsewhere(server->port(), "127.0.0.2");
  ASSERT_TRUE(Echoes(elsewhere));
  EXPECT_FALSE(oldest.Hears(milliseconds(0)));
  const LoopbackClient third(server->port());
  EXPECT_TRUE(Echoes(third));
  EXPECT_TRUE(oldest.EndsWithin(kLongest));
  EXPECT_TRUE(Echoes(user) && Echoes(second) && Echoes(elsewhere));
  EXPECT_EQ(server->counters().gave_way, 1U);
}

TEST(TcpServer, AnAddressWithUsersAloneIsFull) {
  const auto server = StartServer({.max_connections = 100, .max_connections_per_address = 1});
  const LoopbackClient user(server->port());
  ASSERT_TRUE(LogsIn(user));
  EXPECT_TRUE(LoopbackClient(server->port()).EndsWithin(kLongest));
  EXPECT_TRUE(Echoes(LoopbackClient(server->port(), "127.0.0.2")));
  EXPECT_TRUE(Echoes(user));
  EXPECT_EQ(server->counters().refused_for_address, 1U);
}

TEST(TcpServer, WhereAllAreLoggedInTheNextWaitUntilOneEnds) {
  const auto server =
      StartServer({.workers = 2, .max_connections = 2, .max_connections_per_address = 2});
  auto first = std::make_unique<LoopbackClient>(server->port());
  const LoopbackClient second(server->port());
  ASSERT_TRUE(LogsIn(*first) && LogsIn(second));
  const LoopbackClient third(server->port());
  ASSERT_TRUE(third.Send("e"));
  EXPECT_FALSE(third.Hears(milliseconds(300)));
  first.reset();
  EXPECT_EQ(third.Receive(), "e");
  EXPECT_GE(server->counters().times_full, 1U);
}

TEST(TcpServer, AFaultEndsItsOwnConnectionAlone) {
  const auto server = StartServer({.workers = 1});
  const LoopbackClient bystander(server->port());
  ASSERT_TRUE(Echoes(bystander));
  const LoopbackClient faulty(server->port());
  ASSERT_TRUE(faulty.Send("X"));
  EXPECT_TRUE(faulty.EndsWithin(kLongest));
  const LoopbackClient waiting(server->port());
  EXPECT_TRUE(Echoes(bystander) && Echoes(waiting));
  EXPECT_EQ(server->counters().faults, 1U);
}

TEST(TcpServer, AFaultOfWorkEndsItsOwnConnectionAlone) {
  const auto server = StartServer({}, {.work = [] { throw std::bad_alloc(); }});
  const LoopbackClient faulty(server->port());
  ASSERT_TRUE(faulty.Send("W"));
  EXPECT_TRUE(faulty.EndsWithin(kLongest));
  EXPECT_TRUE(Echoes(LoopbackClient(server->port())));
}

// One that always has more to say does not keep the worker to itself.
TEST(TcpServer, EverybodyHasHisTurn) {
  constexpr size_t kMessages = 10'000;
  const auto server = StartServer({.workers = 1});
  const LoopbackClient talker(server->port());
  ASSERT_TRUE(talker.Send(std::string(kMessages, 'B')));
  ASSERT_FALSE(talker.Receive().empty());
  const auto begin = steady_clock::now();
  EXPECT_TRUE(Echoes(LoopbackClient(server->port())));
  EXPECT_LT(steady_clock::now() - begin, kMessages * kBusyTime / 2);
}

TEST(TcpServer, AConnectionThatEndedIsNotWatchedThoughAChildProcessHoldsIt) {
  const auto server = StartServer({.workers = 1});
  const LoopbackClient client(server->port());
  ASSERT_TRUE(Echoes(client));
  const size_t watched = WatchedDescriptors();
  const IdleChild child;
  shutdown(client.descriptor(), SHUT_WR);
  const auto begin = steady_clock::now();
  while (WatchedDescriptors() >= watched && steady_clock::now() - begin < kLongest) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_LT(WatchedDescriptors(), watched);
}

TEST(TcpServer, ADeafClientHoldsBackOnlyItself) {
  const auto server = StartServer({.workers = 1});
  const LoopbackClient deaf(server->port());
  const timeval pause{.tv_sec = 0, .tv_usec = 100'000};
  setsockopt(deaf.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &pause, sizeof(pause));
  const std::string plenty(16384, 'e');
  size_t sent = 0;
  while (sent < (size_t{64} << 20) && deaf.Send(plenty)) {
    sent += plenty.size();
  }
  EXPECT_LT(sent, size_t{64} << 20);
  EXPECT_TRUE(Echoes(LoopbackClient(server->port())));
}

TEST(TcpServer, TheLastAnswerIsNotLostWithWhatTheClientStillSends) {
  const auto server = StartServer();
  const LoopbackClient client(server->port());
  ASSERT_TRUE(client.Send("C"));
  ASSERT_TRUE(client.Send(std::string(100'000, 'e')));
  EXPECT_EQ(client.Receive(), "c");
  EXPECT_TRUE(client.EndsWithin(kLongest));
}

TEST(TcpServer, StoppingEndsIdleConnectionsAtOnceAndWaitsForLogins) {
  const auto server = StartServer({.farewell = seconds(20)});
  const LoopbackClient silent(server->port());
  const LoopbackClient idle(server->port());
  ASSERT_TRUE(Echoes(idle));
  const LoopbackClient half_way(server->port());
  ASSERT_TRUE(half_way.Send("H"));
  ASSERT_EQ(half_way.Receive(), "h");
  std::future<bool> stopped = std::async(std::launch::async, [&] { return server->Stop(); });
  EXPECT_TRUE(silent.EndsWithin(kLongest));
  EXPECT_TRUE(idle.EndsWithin(kLongest));
  EXPECT_EQ(stopped.wait_for(milliseconds(0)), std::future_status::timeout);
  ASSERT_TRUE(half_way.Send("L"));
  EXPECT_EQ(half_way.Receive(), "l");
  EXPECT_TRUE(half_way.EndsWithin(kLongest));
  EXPECT_TRUE(stopped.get());
}

// The only worker has heard of a request, and not looked at it yet, when the server is to stop;
// what is sent once the listener is closed comes with that request.
TEST(TcpServer, WhatComesOnceTheListenerIsClosedIsAnsweredAsTheLast) {
  std::array<test::Gate, 2> gates;
  size_t pauses = 0;
  const auto server = StartServer({.workers = 1, .farewell = seconds(20)},
                                  {.pause = [&] { gates.at(pauses++).Wait(); }});
  const LoopbackClient first(server->port());
  const LoopbackClient second(server->port());
  const LoopbackClient asking(server->port());
  constexpr int kOn = 1;  // what is sent last does not wait until what came before is acknowledged
  ASSERT_EQ(setsockopt(asking.descriptor(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof(kOn)), 0);
  ASSERT_TRUE(Echoes(second) && Echoes(asking));
  ASSERT_TRUE(first.Send("P"));
  gates[0].AwaitWaiting(1);
  ASSERT_TRUE(second.Send("P") && asking.Send("H"));
  gates[0].Open();
  gates[1].AwaitWaiting(1);
  std::future<bool> stopped = std::async(std::launch::async, [&] { return server->Stop(); });
  while (LoopbackPortAnswers(server->port())) {
    std::this_thread::yield();
  }
  ASSERT_TRUE(asking.Send("S"));
  gates[1].Open();
  std::string heard;
  while (heard.size() < 2 && asking.Hears(kLongest)) {
    heard += asking.Receive();
  }
  EXPECT_EQ(heard, "hs");
  EXPECT_TRUE(stopped.get());
}

TEST(TcpServer, StoppingHasALimit) {
  const auto server = StartServer({.farewell = seconds(1)});
  const LoopbackClient half_way(server->port());
  ASSERT_TRUE(half_way.Send("H"));
  ASSERT_EQ(half_way.Receive(), "h");
  EXPECT_TRUE(server->Stop());
  EXPECT_TRUE(half_way.EndsWithin(kLongest));
}

TEST(TcpServer, WorkThatHangsIsLeftToItselfWhenTheServerStops) {
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  std::promise<void> begin;
  std::promise<void> gone;
  // Held by the work: gone when the work is.
  auto held = std::shared_ptr<void>(nullptr, [&gone](void*) { gone.set_value(); });
  FakeSiteOptions options;
  options.work = [ended, &begin, held = std::move(held)] {
    begin.set_value();
    ended.wait();
  };
  auto server = StartServer({.farewell = seconds(1)}, std::move(options));
  const LoopbackClient client(server->port());
  ASSERT_TRUE(client.Send("W"));
  begin.get_future().wait();
  EXPECT_FALSE(server->Stop());
  server.reset();
  EXPECT_TRUE(client.EndsWithin(kLongest));
  // All that it uses stays with it until it ends.
  std::future<void> all_gone = gone.get_future();
  EXPECT_EQ(all_gone.wait_for(milliseconds(0)), std::future_status::timeout);
  end.set_value();
  EXPECT_EQ(all_gone.wait_for(kLongest), std::future_status::ready);
}

TEST(TcpServer, NewSettingsAreForNewConnections) {
  const auto server = StartServer({}, {.greets = false});
  const LoopbackClient before(server->port());
  ASSERT_TRUE(Echoes(before));
  server->Replace(std::make_shared<const FakeSite>(FakeSiteOptions{.greets = true}));
  const LoopbackClient after(server->port());
  EXPECT_EQ(after.Receive(), "g");
  EXPECT_TRUE(Echoes(before));
}

TEST(TcpServer, ServesASocketThatSomebodyElseMade) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = LoopbackAddress(0);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_FALSE(TcpServer::Create({.socket = dup(listener)}, nullptr).ok());
  ASSERT_EQ(listen(listener, 10), 0);
  const auto server = StartServer({.socket = listener});
  EXPECT_TRUE(Echoes(LoopbackClient(server->port())));
}

}  // namespace
}  // namespace epa::tool
