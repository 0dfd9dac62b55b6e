// Time as Windows' protocols count it.
#ifndef EPA_BASE_CLOCK_H_
#define EPA_BASE_CLOCK_H_

#include <cstdint>

#pragma GCC visibility push(default)

namespace epa {

// 100 ns ticks since 1601-01-01 00:00:00 UTC: a FILETIME ([MS-DTYP] 2.3.3).
using FileTime = uint64_t;

inline constexpr FileTime kTicksPerSecond = 10'000'000;
// Ticks from 1601-01-01 to the Unix epoch, 1970-01-01.
inline constexpr FileTime kUnixEpochTicks = 116'444'736'000'000'000;
// What Windows writes for the end of something that does not end.
inline constexpr FileTime kNever = 0x7FFF'FFFF'FFFF'FFFF;

// 100 ns ticks of a clock that nobody sets and that never goes back. Differences within one process
// are ages; the value itself means nothing. It may stand still between two ticks of the system's
// timer, for some milliseconds.
using MonotonicTime = uint64_t;

// A source of the current time. Implementations are safe for use by several threads.
class Clock {
 public:
  virtual ~Clock() = default;
  // What travels and what people read. It may be set back.
  virtual FileTime Now() const = 0;
  virtual MonotonicTime Monotonic() const = 0;
};

// The system's clocks. Lives for the whole process.
const Clock& SystemClock();

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_BASE_CLOCK_H_
