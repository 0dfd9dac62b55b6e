// A clock that a test sets.
#ifndef EPA_TESTS_SUPPORT_FIXED_CLOCK_H_
#define EPA_TESTS_SUPPORT_FIXED_CLOCK_H_

#include <atomic>

#include "epa/base/clock.h"

namespace epa::test {

// Stands still until told otherwise. Safe for several threads.
class FixedClock : public Clock {
 public:
  // 2024-01-01 00:00:00 UTC.
  static constexpr FileTime kDefault = kUnixEpochTicks + 1'704'067'200ULL * kTicksPerSecond;

  explicit FixedClock(FileTime now = kDefault) : now_(now) {}

  FileTime Now() const override { return now_; }
  MonotonicTime Monotonic() const override { return monotonic_; }
  // As somebody who sets the system's clock: no time passes.
  void Set(FileTime now) { now_ = now; }
  void Advance(uint64_t ticks) {
    now_ += ticks;
    monotonic_ += ticks;
  }
  void AdvanceSeconds(uint64_t seconds) { Advance(seconds * kTicksPerSecond); }

 private:
  std::atomic<FileTime> now_;
  std::atomic<MonotonicTime> monotonic_ = 1;
};

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_FIXED_CLOCK_H_
