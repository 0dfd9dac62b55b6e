// Logins a second through a LoginPath, of several contenders in turn.
#ifndef EPA_BENCH_WINBIND_CONTEST_H_
#define EPA_BENCH_WINBIND_CONTEST_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/winbind/login_path.h"
#include "epa/core/security_context.h"

namespace epa::bench {

// Of each measurement.
inline constexpr std::chrono::milliseconds kTime{400};
inline constexpr int kManyAtOnce = 64;

struct User {
  std::string name;
  std::string domain;
  std::string password;
};

std::shared_ptr<const Credentials> CredentialsOf(const User& user);
std::unique_ptr<SecurityContext> Client(const std::shared_ptr<const Credentials>& credentials,
                                        const Channel& channel);

struct Figures {
  double per_second = 0;
  double processor = 0;  // milliseconds of the path's processes, for one login; 0: not known
};

// On as many threads, each with a path of its own.
Figures Measure(const User& user, int at_once,
                const std::function<std::unique_ptr<LoginPath>()>& make_path);

struct Contender {
  const char* name;
  std::function<Figures()> measure;
};

// The middle of several rounds, each of which has all, so that neighbours disturb all alike.
// Prints them under `title`.
std::vector<Figures> MeasureAll(const char* title, const std::vector<Contender>& contenders);

void PrintGoal(const char* what, double value, double goal);

}  // namespace epa::bench

#endif  // EPA_BENCH_WINBIND_CONTEST_H_
