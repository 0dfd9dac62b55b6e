#include "lib/winbind/connection_pool.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/status_macros.h"

namespace epa::winbind {
namespace {

using SteadyClock = std::chrono::steady_clock;

absl::Status JustFailed() {
  return absl::UnavailableError("winbindd or the domain controller failed a moment ago");
}

struct Job {
  explicit Job(ConnectionPool::Task what) : task(std::move(what)) {}

  const ConnectionPool::Task task;
  bool tries = false;  // whether a fault is over
  // Under the pool's mutex, as soon as threads share it.
  bool given_up = false;  // nobody waits for it
  std::optional<absl::Status> result;
};

}  // namespace

// Shared by the pool and its threads.
struct ConnectionPool::State {
  State(ClientFactory client_factory, const Options& options)
      : factory(std::move(client_factory)), limits(options) {}

  const ClientFactory factory;
  const Options limits;

  // Connecting many at once makes winbindd slow for seconds, so they take turns.
  std::mutex connecting;

  std::mutex mutex;  // of what follows
  std::vector<std::unique_ptr<Client>> idle;
  // After a fault: when the next login may try, and whether one does.
  std::optional<SteadyClock::time_point> closed_until;
  bool trying = false;
  Counters counts;

  absl::Status Admit(Job& job);
  void Serve(Job& job);
  bool MayAsk(Job& job);
  bool IsGivenUp(const Job& job);
  absl::StatusOr<std::unique_ptr<Client>> Connection(const Job& job);
  absl::Status OnRefused(const Job& job);
  absl::Status GiveUp(Job& job);
  void OnFault(std::vector<std::unique_ptr<Client>>& doubtful);
};

// Whether a login may be asked about at all.
absl::Status ConnectionPool::State::Admit(Job& job) {
  const std::lock_guard lock(mutex);
  if (closed_until.has_value()) {
    if (trying || SteadyClock::now() < *closed_until) {
      ++counts.not_asked;
      return JustFailed();
    }
    trying = true;
    job.tries = true;
  }
  return absl::OkStatus();
}

// A thread's part.
void ConnectionPool::State::Serve(Job& job) {
  if (!MayAsk(job)) {
    return;
  }
  auto client = Connection(job);
  absl::Status result = client.status();
  if (client.ok() && !IsGivenUp(job)) {
    result = job.task(**client);
  }
  std::vector<std::unique_ptr<Client>> doubtful;
  const std::lock_guard lock(mutex);
  if (job.given_up) {
    return;  // its end was a fault already
  }
  if (result.ok()) {
    idle.push_back(*std::move(client));
    closed_until.reset();
    trying = false;
  } else {
    OnFault(doubtful);
  }
  job.result = std::move(result);
}

// Whoever waited when a fault was seen would only wait for the same one.
bool ConnectionPool::State::MayAsk(Job& job) {
  const std::lock_guard lock(mutex);
  const bool may = job.tries || !closed_until.has_value();
  if (!may) {
    job.result = JustFailed();
  }
  ++(may ? counts.asked : counts.not_asked);
  return may;
}

// What nobody waits for is not asked late: it might count as a wrong password.
bool ConnectionPool::State::IsGivenUp(const Job& job) {
  const std::lock_guard lock(mutex);
  return job.given_up;
}

absl::StatusOr<std::unique_ptr<Client>> ConnectionPool::State::Connection(const Job& job) {
  {
    const std::lock_guard lock(mutex);
    if (!idle.empty()) {
      std::unique_ptr<Client> client = std::move(idle.back());
      idle.pop_back();
      return client;
    }
  }
  std::unique_ptr<Client> client = factory();
  const std::lock_guard turn(connecting);
  if (IsGivenUp(job)) {
    return absl::CancelledError("nobody waits for this connection");
  }
  EPA_RETURN_IF_ERROR(client->Connect());
  return client;
}

// No room in the queue, or all threads hang.
absl::Status ConnectionPool::State::OnRefused(const Job& job) {
  std::vector<std::unique_ptr<Client>> doubtful;
  const std::lock_guard lock(mutex);
  ++counts.not_asked;
  if (job.tries) {
    OnFault(doubtful);
  }
  return absl::UnavailableError("too many logins wait for winbindd");
}

absl::Status ConnectionPool::State::GiveUp(Job& job) {
  std::vector<std::unique_ptr<Client>> doubtful;
  const std::lock_guard lock(mutex);
  if (job.result.has_value()) {
    return *job.result;  // it came just in time
  }
  job.given_up = true;
  ++counts.timed_out;
  OnFault(doubtful);
  return absl::DeadlineExceededError("winbindd did not answer within " +
                                     std::to_string(limits.deadline.count()) + " ms");
}

// The other connections are to the same winbindd. They are closed without the mutex.
void ConnectionPool::State::OnFault(std::vector<std::unique_ptr<Client>>& doubtful) {
  doubtful.swap(idle);
  ++counts.faults;
  closed_until = SteadyClock::now() + limits.pause;
  trying = false;
}

absl::StatusOr<std::unique_ptr<ConnectionPool>> ConnectionPool::Create(ClientFactory factory,
                                                                       const Options& limits) {
  const std::chrono::milliseconds none(0);
  if (limits.connections < 1 || limits.max_waiting < 1 || limits.deadline <= none ||
      limits.pause < none) {
    return absl::InvalidArgumentError(
        "winbind: connections, waiting logins and the deadline are 1 or more");
  }
  EPA_ASSIGN_OR_RETURN(std::unique_ptr<WorkPool> threads,
                       WorkPool::Create({.threads = limits.connections,
                                         .max_waiting = limits.max_waiting,
                                         .max_left_behind = limits.connections}));
  return std::unique_ptr<ConnectionPool>(
      new ConnectionPool(std::make_shared<State>(std::move(factory), limits), std::move(threads)));
}

ConnectionPool::ConnectionPool(std::shared_ptr<State> state, std::unique_ptr<WorkPool> threads)
    : state_(std::move(state)), threads_(std::move(threads)) {}

absl::Status ConnectionPool::Run(Task task) {
  const auto job = std::make_shared<Job>(std::move(task));
  EPA_RETURN_IF_ERROR(state_->Admit(*job));
  const absl::Status ran =
      threads_->RunWithin(state_->limits.deadline, [state = state_, job] { state->Serve(*job); });
  if (ran.ok()) {
    return *job->result;
  }
  return absl::IsDeadlineExceeded(ran) ? state_->GiveUp(*job) : state_->OnRefused(*job);
}

Counters ConnectionPool::counters() const {
  const WorkPoolCounters work = threads_->counters();
  const std::lock_guard lock(state_->mutex);
  Counters counters = state_->counts;
  counters.waiting = work.waiting;
  counters.abandoned = work.left_behind;
  return counters;
}

}  // namespace epa::winbind
