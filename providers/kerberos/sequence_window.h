// Which numbered messages may still arrive.
#ifndef EPA_PROVIDERS_KERBEROS_SEQUENCE_WINDOW_H_
#define EPA_PROVIDERS_KERBEROS_SEQUENCE_WINDOW_H_

#include <cstdint>

namespace epa::kerberos {

class SequenceWindow {
 public:
  // `in_order`: nothing but the next number. Else each number once, in any order, as long as it
  // is not more than 64 below the highest.
  SequenceWindow(uint64_t first, bool in_order)
      : next_(first), first_(first), in_order_(in_order) {}

  // False leaves the window as it was.
  [[nodiscard]] bool Take(uint64_t number);

 private:
  static constexpr uint64_t kSize = 64;

  uint64_t next_;
  uint64_t first_;
  bool in_order_;
  uint64_t seen_ = 0;  // bit i: next_ - 1 - i was taken
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_SEQUENCE_WINDOW_H_
