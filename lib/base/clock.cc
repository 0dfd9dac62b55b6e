#include "epa/base/clock.h"

#include <time.h>

#include <chrono>

namespace epa {
namespace {

uint64_t TicksOf(std::chrono::nanoseconds time) {
  using Ticks = std::chrono::duration<int64_t, std::ratio<1, kTicksPerSecond>>;
  return static_cast<uint64_t>(std::chrono::duration_cast<Ticks>(time).count());
}

class SystemClocks : public Clock {
 public:
  FileTime Now() const override {
    return kUnixEpochTicks + TicksOf(std::chrono::system_clock::now().time_since_epoch());
  }
  MonotonicTime Monotonic() const override {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);  // a tenth of what the precise one costs
    return TicksOf(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};

}  // namespace

const Clock& SystemClock() {
  static const SystemClocks clock;
  return clock;
}

}  // namespace epa
