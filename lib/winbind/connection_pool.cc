#include "lib/winbind/connection_pool.h"

#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace epa::winbind {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Job {
  explicit Job(ConnectionPool::Task what) : task(std::move(what)) {}

  ConnectionPool::Task task;
  std::condition_variable ended;
  std::optional<absl::Status> result;
  bool running = false;
  bool given_up = false;
};

}  // namespace

struct ConnectionPool::State {
  State(ClientFactory client_factory, const Options& options)
      : factory(std::move(client_factory)), limits(options) {}

  const ClientFactory factory;
  const Options limits;

  // Connecting many at once makes winbindd slow for seconds, so they take turns.
  std::mutex connecting;

  std::mutex mutex;  // of what follows
  std::condition_variable work;
  std::deque<std::shared_ptr<Job>> waiting;
  int connections = 0;  // threads that serve, or are about to
  int running = 0;      // of these, with a job
  bool stopping = false;
  // After a fault: when the next login may try, and whether one does.
  std::optional<SteadyClock::time_point> closed_until;
  bool trying = false;
  Counters counters;

  absl::Status Admit();
  void StartConnection(const std::shared_ptr<State>& self);
  absl::Status Await(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Job>& job);
  void Serve();
  std::shared_ptr<Job> NextJob();
  bool RunJob(Client& client, const std::shared_ptr<Job>& job);
  void OnFault(const absl::Status& fault);
};

// Whether a login may be asked about at all.
absl::Status ConnectionPool::State::Admit() {
  if (closed_until.has_value() && (trying || SteadyClock::now() < *closed_until)) {
    ++counters.not_asked;
    return absl::UnavailableError("winbindd or the domain controller failed a moment ago");
  }
  if (waiting.size() >= limits.max_waiting) {
    ++counters.not_asked;
    return absl::UnavailableError("too many logins wait for winbindd");
  }
  trying = closed_until.has_value();
  ++counters.asked;
  return absl::OkStatus();
}

// Threads whose answer nobody waits for count until they end, so that a winbindd that hangs does
// not collect them.
void ConnectionPool::State::StartConnection(const std::shared_ptr<State>& self) {
  const int limit = limits.connections;
  const size_t free = static_cast<size_t>(connections - running);
  if (free >= waiting.size() || connections >= limit ||
      static_cast<int>(counters.abandoned) >= 2 * limit) {
    return;
  }
  try {
    std::thread([self] { self->Serve(); }).detach();
    ++connections;
  } catch (const std::system_error&) {
    // No thread to be had: what waits is served by those there are, or runs into its deadline.
  }
}

absl::Status ConnectionPool::State::Await(std::unique_lock<std::mutex>& lock,
                                          const std::shared_ptr<Job>& job) {
  if (job->ended.wait_for(lock, limits.deadline, [&job] { return job->result.has_value(); })) {
    return *job->result;
  }
  ++counters.timed_out;
  const absl::Status fault = absl::DeadlineExceededError(
      "winbindd did not answer within " + std::to_string(limits.deadline.count()) + " ms");
  if (job->running) {
    job->given_up = true;
    --connections;
    --running;
    ++counters.abandoned;
  } else {
    std::erase(waiting, job);
  }
  OnFault(fault);
  return fault;
}

// Whoever waits would only wait for the same fault.
void ConnectionPool::State::OnFault(const absl::Status& fault) {
  ++counters.faults;
  trying = false;
  closed_until = SteadyClock::now() + limits.pause;
  for (const std::shared_ptr<Job>& job : waiting) {
    job->result = fault;
    job->ended.notify_all();
  }
  waiting.clear();
}

// A connection's thread. Signals are for the program's own, and libwbclient would raise SIGPIPE
// where winbindd hangs up.
void ConnectionPool::State::Serve() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  const std::unique_ptr<Client> client = factory();
  absl::Status connected;
  {
    const std::lock_guard turn(connecting);
    connected = client->Connect();
  }
  if (!connected.ok()) {
    const std::lock_guard lock(mutex);
    --connections;
    OnFault(connected);
    return;
  }
  while (const std::shared_ptr<Job> job = NextJob()) {
    if (!RunJob(*client, job)) {
      return;
    }
  }
}

// Null when it is time to end.
std::shared_ptr<Job> ConnectionPool::State::NextJob() {
  std::unique_lock lock(mutex);
  work.wait(lock, [this] { return stopping || !waiting.empty(); });
  if (stopping) {
    --connections;
    return nullptr;
  }
  std::shared_ptr<Job> job = std::move(waiting.front());
  waiting.pop_front();
  job->running = true;
  ++running;
  return job;
}

// False when this connection is not to be used again.
bool ConnectionPool::State::RunJob(Client& client, const std::shared_ptr<Job>& job) {
  absl::Status result = job->task(client);
  const std::lock_guard lock(mutex);
  if (job->given_up) {
    --counters.abandoned;
    return false;
  }
  --running;
  const bool usable = result.ok();
  if (usable) {
    trying = false;
    closed_until.reset();
  } else {
    --connections;
    OnFault(result);
  }
  job->result = std::move(result);
  job->ended.notify_all();
  return usable;
}

ConnectionPool::ConnectionPool(ClientFactory factory, const Options& limits)
    : state_(std::make_shared<State>(std::move(factory), limits)) {}

ConnectionPool::~ConnectionPool() {
  const std::lock_guard lock(state_->mutex);
  state_->stopping = true;
  state_->work.notify_all();
}

absl::Status ConnectionPool::Run(Task task) {
  std::unique_lock lock(state_->mutex);
  if (absl::Status admitted = state_->Admit(); !admitted.ok()) {
    return admitted;
  }
  const auto job = std::make_shared<Job>(std::move(task));
  state_->waiting.push_back(job);
  state_->StartConnection(state_);
  state_->work.notify_one();
  return state_->Await(lock, job);
}

Counters ConnectionPool::counters() const {
  const std::lock_guard lock(state_->mutex);
  Counters counters = state_->counters;
  counters.waiting = state_->waiting.size();
  return counters;
}

}  // namespace epa::winbind
