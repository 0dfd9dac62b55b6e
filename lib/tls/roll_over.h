// Certificates that are presented no more and still count for a time.
#ifndef EPA_LIB_TLS_ROLL_OVER_H_
#define EPA_LIB_TLS_ROLL_OVER_H_

#include <chrono>
#include <vector>

#include "epa/base/clock.h"

namespace epa::tls {

// `Item`: what stands for a certificate. Immutable.
template <typename Item>
class Retired {
 public:
  struct Entry {
    Item item;
    MonotonicTime until;
  };

  Retired() = default;
  // After a change at `now`: those of `current`, which counted until then, for `roll_over`, and
  // those of `before` for what is left of their time, but for what `is_kept` says is presented on.
  template <typename IsKept>
  Retired(const Retired& before, const std::vector<Item>& current, IsKept is_kept,
          MonotonicTime now, std::chrono::seconds roll_over) {
    const MonotonicTime time = static_cast<MonotonicTime>(roll_over.count()) * kTicksPerSecond;
    for (const Item& item : current) {
      if (!is_kept(item)) {
        entries_.push_back({item, now + time});
      }
    }
    for (const Entry& entry : before.entries_) {
      if (entry.until > now && !is_kept(entry.item)) {
        entries_.push_back(entry);
      }
    }
  }

  bool empty() const { return entries_.empty(); }
  // Those that count at `now`.
  std::vector<Entry> At(MonotonicTime now) const {
    std::vector<Entry> counting;
    for (const Entry& entry : entries_) {
      if (entry.until > now) {
        counting.push_back(entry);
      }
    }
    return counting;
  }

 private:
  std::vector<Entry> entries_;
};

}  // namespace epa::tls

#endif  // EPA_LIB_TLS_ROLL_OVER_H_
