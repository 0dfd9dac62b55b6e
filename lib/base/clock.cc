#include "epa/base/clock.h"

#include <chrono>

namespace epa {
namespace {

class WallClock : public Clock {
 public:
  FileTime Now() const override {
    using Ticks = std::chrono::duration<int64_t, std::ratio<1, kTicksPerSecond>>;
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return kUnixEpochTicks +
           static_cast<FileTime>(std::chrono::duration_cast<Ticks>(since_epoch).count());
  }
};

}  // namespace

const Clock& SystemClock() {
  static const WallClock clock;
  return clock;
}

}  // namespace epa
