#include "providers/kerberos/sequence_window.h"

namespace epa::kerberos {

bool SequenceWindow::Take(uint64_t number) {
  if (order_ == MessageOrder::kUnchecked) {
    next_ = number + 1;
    return true;
  }
  if (order_ == MessageOrder::kInOrder) {
    if (number != next_ && !begins_anywhere_) {
      return false;
    }
    begins_anywhere_ = false;
    next_ = number + 1;
    return true;
  }
  if (number >= next_) {
    const uint64_t shift = number - next_ + 1;
    seen_ = shift >= kSize ? 0 : seen_ << shift;
    seen_ |= 1;
    next_ = number + 1;
    return true;
  }
  const uint64_t age = next_ - 1 - number;
  if (number < first_ || age >= kSize || (seen_ >> age & 1) != 0) {
    return false;
  }
  seen_ |= uint64_t{1} << age;
  return true;
}

}  // namespace epa::kerberos
