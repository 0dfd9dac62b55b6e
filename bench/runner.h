// Interleaved rounds (A B C A B C ...) in thread CPU time, so that a neighbour on the machine
// slows every contender alike.
#ifndef EPA_BENCH_RUNNER_H_
#define EPA_BENCH_RUNNER_H_

#include <cstddef>
#include <vector>

#include "bench/contender.h"

namespace epa::bench {

struct Effort {
  size_t rounds = 41;
  double slice_seconds = 0.015;  // of one contender in one round
  size_t memory_contexts = 10'000;
};

// Nanoseconds of thread CPU time for one login, and logins a second of wall-clock time.
struct LoginSample {
  double client = 0;
  double server = 0;
  double per_second = 0;
};

// Nanoseconds of thread CPU time for one message.
struct SealSample {
  double seal = 0;
  double unseal = 0;
};

// One contender's samples, one a round; index i is the same round for every contender.
struct LoginSeries {
  const Contender* contender = nullptr;
  std::vector<LoginSample> one_thread;
  std::vector<LoginSample> two_threads;
};

struct SealSeries {
  const Contender* contender = nullptr;
  std::vector<SealSample> samples;
};

using ContenderList = std::vector<const Contender*>;

std::vector<LoginSeries> CompareLogins(const ContenderList& contenders, const Effort& effort);
std::vector<SealSeries> CompareSealing(const ContenderList& contenders, size_t message_size,
                                       const Effort& effort);

const LoginSeries& SeriesOf(const std::vector<LoginSeries>& series, const Contender& contender);
const SealSeries& SeriesOf(const std::vector<SealSeries>& series, const Contender& contender);

double Median(std::vector<double> values);

}  // namespace epa::bench

#endif  // EPA_BENCH_RUNNER_H_
