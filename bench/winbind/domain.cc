// Logins a second in a domain, through `epa serve https`, Samba's helper and libwbclient alone. Run
// by winbind_domain.py, which makes the domain.
//
//   epa_winbind_domain PORT PROCESS SMB_CONF USER DOMAIN     the password on standard input
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <latch>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/require.h"
#include "bench/winbind/bare.h"
#include "bench/winbind/login_path.h"
#include "epa/core/security_context.h"
#include "epa/ntlm/ntlm.h"
#include "epa/winbind/winbind.h"

namespace epa::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTime{2};
constexpr int kRounds = 3;
constexpr int kManyAtOnce = 64;

struct User {
  std::string name;
  std::string domain;
  std::string password;
};

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

struct Figures {
  double per_second = 0;
  double processor = 0;  // milliseconds of whoever asks winbindd, for one login
};

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

// Asks the domain, and keeps what it asked.
class KeepingAuthority final : public ntlm::NtlmAuthority {
 public:
  explicit KeepingAuthority(std::shared_ptr<const NtlmAuthority> domain)
      : domain_(std::move(domain)) {}
  absl::StatusOr<ntlm::LogonVerdict> Verify(const ntlm::LogonRequest& request) const override {
    kept.user = request.user;
    kept.domain = request.domain;
    kept.challenge = request.server_challenge;
    kept.nt_response.assign(request.nt_response.begin(), request.nt_response.end());
    return domain_->Verify(request);
  }
  absl::StatusOr<std::optional<ntlm::ChallengeNames>> names() const override {
    return domain_->names();
  }
  mutable KeptRequest kept;

 private:
  const std::shared_ptr<const NtlmAuthority> domain_;
};

KeptRequest RequestOf(const User& user, std::shared_ptr<const ntlm::NtlmAuthority> domain) {
  const auto keeping = std::make_shared<KeepingAuthority>(std::move(domain));
  ntlm::AcceptorOptions acceptor;
  acceptor.authority = keeping;
  AcceptOptions options;
  options.credentials = Value(ntlm::CreateAcceptorCredentials(std::move(acceptor)));
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      Value(ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy})));
  options.channel = Channel::Plain();
  options.audit = NoAudit();
  const auto server = Value(SecurityContext::Accept(std::move(options)));
  const auto client = Client(CredentialsOf(user), Channel::Plain());
  const auto negotiate = Value(client->Step({}));
  const auto challenge = Value(server->Step(negotiate.token));
  const auto authenticate = Value(client->Step(challenge.token));
  Require(Value(server->Step(authenticate.token)).state == StepState::kEstablished,
          "the domain refuses the user");
  return keeping->kept;
}

Figures Median(std::vector<Figures> rounds) {
  const auto middle = rounds.begin() + static_cast<ptrdiff_t>(rounds.size() / 2);
  std::ranges::nth_element(rounds, middle, {}, &Figures::processor);
  const double processor = middle->processor;
  std::ranges::nth_element(rounds, middle, {}, &Figures::per_second);
  return {middle->per_second, processor};
}

struct Contender {
  const char* name;
  std::function<Figures()> measure;
};

// In turns, so that neighbours disturb all alike.
std::vector<Figures> MeasureAll(const std::vector<Contender>& contenders) {
  std::vector<std::vector<Figures>> rounds(contenders.size());
  for (int round = 0; round < kRounds; ++round) {
    for (size_t i = 0; i < contenders.size(); ++i) {
      rounds[i].push_back(contenders[i].measure());
    }
  }
  std::vector<Figures> medians;
  std::ranges::transform(rounds, std::back_inserter(medians), Median);
  return medians;
}

void PrintGoal(const char* what, double value, double goal) {
  std::printf("%-60s %8.2f  goal %.2f: %s\n", what, value, goal,
              value >= goal ? "reached" : "missed");
}

// What nobody who asks libwbclient gets above, whatever else a login costs him.
void PrintBound(const char* what, double value) {
  std::printf("%-60s %8.2f  bound\n", what, value);
}

int Run(const std::string& port, pid_t process, const std::string& configuration,
        const User& user) {
  const auto one = Value(winbind::CreateWinbindAuthority({.connections = 1}));
  const KeptRequest request = RequestOf(user, one);
  const auto server = [&] { return ConnectToServer(port, process); };
  const auto helper = [&] { return StartHelper(configuration); };
  enum : size_t {
    kBare,
    kThread,
    kAuthority,
    kServer,
    kHelper,
    kBareOfMany,
    kServerOfMany,
    kHelperOfMany
  };
  const std::vector<Contender> contenders = {
      {"libwbclient in a loop",
       [&] {
         return Figures{BareLogins(request, 1, kTime), 0};
       }},
      {"libwbclient in a loop, on a thread of its own",
       [&] {
         return Figures{HandedOverLogins(request, kTime), 0};
       }},
      {"authority, one connection",
       [&] {
         return Figures{AuthorityLogins(*one, request, kTime), 0};
       }},
      {"epa serve https, 1 at once", [&] { return Measure(user, 1, server); }},
      {"ntlm_auth, 1 child", [&] { return Measure(user, 1, helper); }},
      {"libwbclient in 4 loops",
       [&] {
         return Figures{BareLogins(request, 4, kTime), 0};
       }},
      {"epa serve https, 64 at once", [&] { return Measure(user, kManyAtOnce, server); }},
      {"ntlm_auth, 64 children", [&] { return Measure(user, kManyAtOnce, helper); }},
  };
  const std::vector<Figures> figures = MeasureAll(contenders);
  std::printf("%-60s %8s  %s\n", "NTLM logins in a domain", "a second", "processor, ms each");
  for (size_t i = 0; i < figures.size(); ++i) {
    std::printf("%-60s %8.0f  ", contenders[i].name, figures[i].per_second);
    std::printf(figures[i].processor > 0 ? "%.2f\n" : "\n", figures[i].processor);
  }
  const auto rate = [&](size_t a, size_t b) {
    return figures[a].per_second / figures[b].per_second;
  };
  PrintGoal("one connection: authority / libwbclient in a loop", rate(kAuthority, kBare), 0.95);
  PrintBound("one connection: a thread of its own / libwbclient in a loop", rate(kThread, kBare));
  PrintGoal("1 at once: epa serve https / ntlm_auth", rate(kServer, kHelper), 2);
  PrintBound("1 at once: libwbclient in a loop / ntlm_auth", rate(kBare, kHelper));
  PrintGoal("64 at once: epa serve https / ntlm_auth", rate(kServerOfMany, kHelperOfMany), 2);
  PrintBound("64 at once: libwbclient in 4 loops / ntlm_auth", rate(kBareOfMany, kHelperOfMany));
  const auto processor = [&](size_t a, size_t b) {
    return figures[a].processor / figures[b].processor;
  };
  PrintGoal("1 at once: processor of ntlm_auth / of epa serve https", processor(kHelper, kServer),
            2);
  PrintGoal("64 at once: processor of ntlm_auth / of epa serve https",
            processor(kHelperOfMany, kServerOfMany), 2);
  return 0;
}

}  // namespace
}  // namespace epa::bench

int main(int argc, char** argv) {
  epa::bench::Require(argc == 6, "usage: epa_winbind_domain PORT PROCESS SMB_CONF USER DOMAIN");
  epa::bench::User user = {argv[4], argv[5], {}};
  std::getline(std::cin, user.password);
  return epa::bench::Run(argv[1], std::atoi(argv[2]), argv[3], user);
}
