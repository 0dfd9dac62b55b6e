// Randomness as a parameter, so that tests are deterministic.
#ifndef EPA_BASE_RANDOM_H_
#define EPA_BASE_RANDOM_H_

#include <cstdint>
#include <span>

#pragma GCC visibility push(default)

namespace epa {

// A source of unpredictable octets. Implementations are safe for use by several threads.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  // Fills all of `out`. Never fails: an implementation that cannot deliver ends the process.
  virtual void Fill(std::span<uint8_t> out) const = 0;
};

// The kernel's generator, getrandom(2), read in blocks per thread. A forked child never repeats
// its parent's octets. Lives for the whole process.
const RandomSource& SystemRandom();

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_BASE_RANDOM_H_
