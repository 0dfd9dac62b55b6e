#include "bench/runner.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

namespace epa::bench {
namespace {

// Logins that advance together, so that reading the clock costs each of them little.
constexpr size_t kSlots = 16;
// Messages that are sealed and then unsealed together stay in the second-level cache.
constexpr size_t kMessageOctetsAtOnce = 256 * 1024;

double NanosecondsOf(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double ThreadCpu() { return NanosecondsOf(CLOCK_THREAD_CPUTIME_ID); }

template <typename Step>
double Timed(size_t count, Step step) {
  const double begin = ThreadCpu();
  for (size_t i = 0; i < count; ++i) {
    step(i);
  }
  return ThreadCpu() - begin;
}

// Sums of one batch. Each side is released as soon as it has logged in.
LoginSample RunLogins(Worker& worker) {
  LoginSample sum;
  for (size_t leg = 0; leg < worker.legs(); ++leg) {
    const bool clients = Worker::IsClients(leg);
    const bool last = worker.Establishes(leg);
    (clients ? sum.client : sum.server) += Timed(kSlots, [&](size_t slot) {
      worker.Step(slot, leg);
      if (last) {
        clients ? worker.ReleaseClient(slot) : worker.ReleaseServer(slot);
      }
    });
  }
  return sum;
}

// Works for `seconds`, and before that, unmeasured, until every thread is at work.
LoginSample WorkFor(Worker& worker, double seconds, std::atomic<size_t>& still_to_come) {
  still_to_come.fetch_sub(1);
  do {
    RunLogins(worker);
  } while (still_to_come.load() != 0);
  LoginSample mean;
  double logins = 0;
  const double begin = NanosecondsOf(CLOCK_MONOTONIC);
  double now = begin;
  do {
    const LoginSample batch = RunLogins(worker);
    mean.client += batch.client;
    mean.server += batch.server;
    logins += kSlots;
    now = NanosecondsOf(CLOCK_MONOTONIC);
  } while (now - begin < seconds * 1e9);
  mean.client /= logins;
  mean.server /= logins;
  mean.per_second = logins * 1e9 / (now - begin);
  return mean;
}

// All workers at the same time, one thread each.
LoginSample TimeLogins(std::vector<std::unique_ptr<Worker>>& workers, double seconds) {
  std::vector<LoginSample> results(workers.size());
  std::atomic<size_t> still_to_come = workers.size();
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < workers.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = WorkFor(*workers[i], seconds, still_to_come); });
  }
  threads.clear();
  LoginSample mean;
  for (const LoginSample& result : results) {
    mean.client += result.client / static_cast<double>(workers.size());
    mean.server += result.server / static_cast<double>(workers.size());
    mean.per_second += result.per_second;
  }
  return mean;
}

size_t BatchesFor(double batch_nanoseconds, double slice_seconds) {
  const double batches = std::ceil(slice_seconds * 1e9 / std::max(batch_nanoseconds, 1.0));
  return static_cast<size_t>(std::clamp(batches, 1.0, 1e6));
}

struct LoginEntry {
  std::vector<std::unique_ptr<Worker>> one;
  std::vector<std::unique_ptr<Worker>> two;
};

LoginEntry PrepareLogins(const Contender& contender) {
  LoginEntry entry;
  entry.one.push_back(contender.CreateWorker(kSlots));
  entry.two.push_back(contender.CreateWorker(kSlots));
  entry.two.push_back(contender.CreateWorker(kSlots));
  return entry;
}

struct SealEntry {
  std::unique_ptr<Worker> worker;
  size_t batches = 1;
};

SealSample RunMessages(Worker& worker, size_t count) {
  SealSample sum;
  sum.seal = Timed(count, [&](size_t index) { worker.Seal(index); });
  sum.unseal = Timed(count, [&](size_t index) { worker.Unseal(index); });
  return sum;
}

SealEntry PrepareSealing(const Contender& contender, size_t size, size_t count,
                         double slice_seconds) {
  SealEntry entry;
  entry.worker = contender.CreateWorker(1);
  for (size_t leg = 0; leg < entry.worker->legs(); ++leg) {
    entry.worker->Step(0, leg);
  }
  entry.worker->PrepareMessages(count, size);
  RunMessages(*entry.worker, count);
  const SealSample batch = RunMessages(*entry.worker, count);
  entry.batches = BatchesFor(batch.seal + batch.unseal, slice_seconds);
  return entry;
}

template <typename Series>
const Series& RowOf(const std::vector<Series>& series, const Contender& contender) {
  const auto found = std::ranges::find(series, &contender, &Series::contender);
  Require(found != series.end(), "a contender was not measured");
  return *found;
}

}  // namespace

std::vector<LoginSeries> CompareLogins(const ContenderList& contenders, const Effort& effort) {
  std::vector<LoginEntry> entries;
  std::vector<LoginSeries> series;
  for (const Contender* contender : contenders) {
    entries.push_back(PrepareLogins(*contender));
    series.push_back({contender, {}, {}});
  }
  for (size_t round = 0; round < effort.rounds; ++round) {
    for (size_t i = 0; i < entries.size(); ++i) {
      series[i].one_thread.push_back(TimeLogins(entries[i].one, effort.slice_seconds));
      series[i].two_threads.push_back(TimeLogins(entries[i].two, effort.slice_seconds));
    }
  }
  return series;
}

std::vector<SealSeries> CompareSealing(const ContenderList& contenders, size_t message_size,
                                       const Effort& effort) {
  const size_t count = std::clamp<size_t>(kMessageOctetsAtOnce / message_size, 1, 64);
  std::vector<SealEntry> entries;
  std::vector<SealSeries> series;
  for (const Contender* contender : contenders) {
    entries.push_back(PrepareSealing(*contender, message_size, count, effort.slice_seconds));
    series.push_back({contender, {}});
  }
  for (size_t round = 0; round < effort.rounds; ++round) {
    for (size_t i = 0; i < entries.size(); ++i) {
      SealSample mean;
      for (size_t batch = 0; batch < entries[i].batches; ++batch) {
        const SealSample sum = RunMessages(*entries[i].worker, count);
        mean.seal += sum.seal;
        mean.unseal += sum.unseal;
      }
      const auto messages = static_cast<double>(entries[i].batches * count);
      series[i].samples.push_back({mean.seal / messages, mean.unseal / messages});
    }
  }
  return series;
}

const LoginSeries& SeriesOf(const std::vector<LoginSeries>& series, const Contender& contender) {
  return RowOf(series, contender);
}

const SealSeries& SeriesOf(const std::vector<SealSeries>& series, const Contender& contender) {
  return RowOf(series, contender);
}

double Median(std::vector<double> values) {
  if (values.empty()) {
    return 0;
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace epa::bench
