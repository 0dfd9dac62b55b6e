// Randomness that a test can foresee.
#ifndef EPA_TESTS_SUPPORT_FIXED_RANDOM_H_
#define EPA_TESTS_SUPPORT_FIXED_RANDOM_H_

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "epa/base/random.h"

namespace epa::test {

// Delivers the octets queued with Push first, then 1, 2, 3 ... 255, 0, 1 ...; never the same
// eight octets twice in a row. Safe for several threads.
class FixedRandom : public RandomSource {
 public:
  explicit FixedRandom(uint8_t next = 1) : next_(next) {}

  void Fill(std::span<uint8_t> out) const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (uint8_t& octet : out) {
      if (position_ < queued_.size()) {
        octet = queued_[position_++];
      } else {
        octet = next_++;
      }
    }
  }

  // The next octets to deliver, after those already queued.
  void Push(std::span<const uint8_t> octets) {
    const std::lock_guard<std::mutex> lock(mutex_);
    queued_.insert(queued_.end(), octets.begin(), octets.end());
  }

 private:
  mutable std::mutex mutex_;
  std::vector<uint8_t> queued_;
  mutable size_t position_ = 0;
  mutable uint8_t next_;
};

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_FIXED_RANDOM_H_
