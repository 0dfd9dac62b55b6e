#include "bench/winbind/contest.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <latch>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>
#include <utility>

#include "bench/require.h"
#include "epa/ntlm/ntlm.h"

namespace epa::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kRounds = 15;

void LogIn(const std::shared_ptr<const Credentials>& credentials, LoginPath& path) {
  const auto client = Client(credentials, path.channel());
  const auto negotiate = Value(client->Step({}));
  const auto challenge = path.Challenge(negotiate.token);
  Require(path.Authenticate(Value(client->Step(challenge)).token), "a login was refused");
}

// Of a process, in milliseconds (proc(5), stat: utime and stime follow the name and eleven fields).
double ProcessorTime(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) {
    fields >> skipped;
  }
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return 1000 * (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

class Paths {
 public:
  void Add(pid_t process) {
    const std::lock_guard lock(mutex_);
    processes_.insert(process);
  }
  double ProcessorTimes() const {
    double sum = 0;
    for (const pid_t process : processes_) {
      sum += ProcessorTime(process);
    }
    return sum;
  }

 private:
  std::mutex mutex_;
  std::set<pid_t> processes_;
};

Figures Median(std::vector<Figures> rounds) {
  const auto middle = rounds.begin() + static_cast<ptrdiff_t>(rounds.size() / 2);
  std::ranges::nth_element(rounds, middle, {}, &Figures::processor);
  const double processor = middle->processor;
  std::ranges::nth_element(rounds, middle, {}, &Figures::per_second);
  return {middle->per_second, processor};
}

}  // namespace

std::shared_ptr<const Credentials> CredentialsOf(const User& user) {
  ntlm::InitiatorOptions options;
  options.user = user.name;
  options.domain = user.domain;
  options.password = SecretBytes::FromText(user.password);
  return Value(ntlm::CreateInitiatorCredentials(std::move(options)));
}

std::unique_ptr<SecurityContext> Client(const std::shared_ptr<const Credentials>& credentials,
                                        const Channel& channel) {
  InitiateOptions options;
  options.credentials = credentials;
  options.channel = channel;
  options.parameters.target_name = "HTTP/localhost";
  return Value(SecurityContext::Initiate(std::move(options)));
}

Figures Measure(const User& user, int at_once,
                const std::function<std::unique_ptr<LoginPath>()>& make_path) {
  const auto credentials = CredentialsOf(user);
  std::atomic<int> count = 0;
  std::atomic<bool> ended = false;
  std::latch warm(at_once + 1);
  Paths paths;
  std::vector<std::jthread> threads;
  for (int i = 0; i < at_once; ++i) {
    threads.emplace_back([&] {
      const std::unique_ptr<LoginPath> path = make_path();
      paths.Add(path->process());
      LogIn(credentials, *path);
      for (warm.arrive_and_wait(); !ended; ++count) {
        LogIn(credentials, *path);
      }
    });
  }
  warm.arrive_and_wait();
  const auto begin = SteadyClock::now();
  const int before = count;
  const double processor = paths.ProcessorTimes();
  std::this_thread::sleep_for(kTime);
  const int done = count - before;
  const std::chrono::duration<double> time = SteadyClock::now() - begin;
  const double spent = paths.ProcessorTimes() - processor;
  ended = true;
  return {done / time.count(), spent / done};
}

std::vector<Figures> MeasureAll(const char* title, const std::vector<Contender>& contenders) {
  std::vector<std::vector<Figures>> rounds(contenders.size());
  for (int round = 0; round < kRounds; ++round) {
    for (size_t i = 0; i < contenders.size(); ++i) {
      rounds[i].push_back(contenders[i].measure());
    }
  }
  std::vector<Figures> medians;
  std::ranges::transform(rounds, std::back_inserter(medians), Median);
  std::printf("%-60s %8s  %s\n", title, "a second", "processor, ms each");
  for (size_t i = 0; i < medians.size(); ++i) {
    std::printf("%-60s %8.0f  ", contenders[i].name, medians[i].per_second);
    std::printf(medians[i].processor > 0 ? "%.2f\n" : "\n", medians[i].processor);
  }
  return medians;
}

void PrintGoal(const char* what, double value, double goal) {
  std::printf("%-60s %8.2f  goal %.2f: %s\n", what, value, goal,
              value >= goal ? "reached" : "missed");
}

}  // namespace epa::bench
