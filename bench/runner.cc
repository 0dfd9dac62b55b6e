#include "bench/runner.h"

#include <time.h>

#include <algorithm>
#include <barrier>
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

LoginSample RunBatches(Worker& worker, size_t batches) {
  LoginSample mean;
  for (size_t i = 0; i < batches; ++i) {
    const LoginSample batch = RunLogins(worker);
    mean.client += batch.client;
    mean.server += batch.server;
  }
  const auto logins = static_cast<double>(batches * kSlots);
  mean.client /= logins;
  mean.server /= logins;
  return mean;
}

struct ThreadResult {
  LoginSample mean;
  double begin = 0;
  double end = 0;
};

// All workers at the same time, one thread each, none created in the measured time. The threads
// take their own time stamps: this one may be woken late.
LoginSample TimeLogins(std::vector<std::unique_ptr<Worker>>& workers, size_t batches) {
  std::vector<ThreadResult> results(workers.size());
  std::barrier barrier(static_cast<std::ptrdiff_t>(workers.size()));
  std::vector<std::thread> threads;
  for (size_t i = 0; i < workers.size(); ++i) {
    threads.emplace_back([&, i] {
      RunLogins(*workers[i]);
      barrier.arrive_and_wait();
      results[i].begin = NanosecondsOf(CLOCK_MONOTONIC);
      results[i].mean = RunBatches(*workers[i], batches);
      results[i].end = NanosecondsOf(CLOCK_MONOTONIC);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  LoginSample mean;
  double begin = results[0].begin;
  double end = results[0].end;
  for (const ThreadResult& result : results) {
    mean.client += result.mean.client / static_cast<double>(workers.size());
    mean.server += result.mean.server / static_cast<double>(workers.size());
    begin = std::min(begin, result.begin);
    end = std::max(end, result.end);
  }
  mean.per_second = static_cast<double>(workers.size() * batches * kSlots) * 1e9 / (end - begin);
  return mean;
}

size_t BatchesFor(double batch_nanoseconds, double slice_seconds) {
  const double batches = std::ceil(slice_seconds * 1e9 / std::max(batch_nanoseconds, 1.0));
  return static_cast<size_t>(std::clamp(batches, 1.0, 1e6));
}

struct LoginEntry {
  std::vector<std::unique_ptr<Worker>> one;
  std::vector<std::unique_ptr<Worker>> two;
  size_t batches = 1;
};

LoginEntry PrepareLogins(const Contender& contender, double slice_seconds) {
  LoginEntry entry;
  entry.one.push_back(contender.CreateWorker(kSlots));
  entry.two.push_back(contender.CreateWorker(kSlots));
  entry.two.push_back(contender.CreateWorker(kSlots));
  RunLogins(*entry.one[0]);
  const LoginSample batch = RunLogins(*entry.one[0]);
  entry.batches = BatchesFor(batch.client + batch.server, slice_seconds);
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
    entries.push_back(PrepareLogins(*contender, effort.slice_seconds));
    series.push_back({contender, {}, {}});
  }
  for (size_t round = 0; round < effort.rounds; ++round) {
    for (size_t i = 0; i < entries.size(); ++i) {
      series[i].one_thread.push_back(TimeLogins(entries[i].one, entries[i].batches));
      series[i].two_threads.push_back(TimeLogins(entries[i].two, entries[i].batches));
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
