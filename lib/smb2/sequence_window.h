// Which message ids a client may use next ([MS-SMB2] 3.3.1.1, 3.3.1.2): credits.
#ifndef EPA_LIB_SMB2_SEQUENCE_WINDOW_H_
#define EPA_LIB_SMB2_SEQUENCE_WINDOW_H_

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>

namespace epa::smb2 {

// Each id is used once. Fixed memory: a client that leaves an old id unused gets no credits beyond
// kSpan ids after it.
class SequenceWindow {
 public:
  static constexpr uint16_t kMaxCredits = 1024;

  // At most `max_credits` ids are granted and unused at any time. The first id is 0.
  explicit SequenceWindow(uint16_t max_credits) : max_credits_(max_credits) {}

  // Uses `count` ids from `first` on. False, and nothing is used, where one of them was not
  // granted or was used before.
  [[nodiscard]] bool Consume(uint64_t first, uint16_t count) {
    if (first < base_ || first >= end_ || count > end_ - first) {
      return false;
    }
    for (uint64_t id = first; id < first + count; ++id) {
      if (used_[id % kSpan]) {
        return false;
      }
    }
    for (uint64_t id = first; id < first + count; ++id) {
      used_[id % kSpan] = true;
    }
    unused_ -= count;
    while (base_ < end_ && used_[base_ % kSpan]) {
      used_[base_ % kSpan] = false;
      ++base_;
    }
    return true;
  }

  // The lowest id that is not granted.
  uint64_t end() const { return end_; }

  // Grants up to `wanted` ids, one at least where there is room, and returns how many.
  uint16_t Grant(uint16_t wanted) {
    const uint64_t room = std::min<uint64_t>(max_credits_ - unused_, base_ + kSpan - end_);
    const auto granted =
        static_cast<uint16_t>(std::min<uint64_t>(std::max<uint16_t>(wanted, 1), room));
    end_ += granted;
    unused_ += granted;
    return granted;
  }

 private:
  static constexpr size_t kSpan = 2 * size_t{kMaxCredits};

  uint64_t base_ = 0;    // the lowest id that is not used
  uint64_t end_ = 1;     // the lowest id that is not granted
  uint64_t unused_ = 1;  // granted and not used
  uint64_t max_credits_;
  std::bitset<kSpan> used_;
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_SEQUENCE_WINDOW_H_
