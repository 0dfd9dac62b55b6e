// Which numbered messages may still arrive.
#ifndef EPA_PROVIDERS_KERBEROS_SEQUENCE_WINDOW_H_
#define EPA_PROVIDERS_KERBEROS_SEQUENCE_WINDOW_H_

#include <cstdint>

namespace epa::kerberos {

// What the client asked for at the login (RFC 4121 4.1.1.1): replay detection is of each number
// once.
enum class MessageOrder : uint8_t {
  kUnchecked,  // neither: any number, any number of times
  kOnce,       // each number once, in any order, not more than 64 below the highest
  kInOrder,    // nothing but the next number
};

class SequenceWindow {
 public:
  SequenceWindow(uint64_t first, MessageOrder order) : next_(first), first_(first), order_(order) {}

  // From the number after the last one taken on. A peer whose numbers mean nothing begins where it
  // likes.
  void RequireOrder() {
    begins_anywhere_ = order_ == MessageOrder::kUnchecked && next_ == first_;
    order_ = MessageOrder::kInOrder;
  }

  // False leaves the window as it was.
  [[nodiscard]] bool Take(uint64_t number);

 private:
  static constexpr uint64_t kSize = 64;

  uint64_t next_;
  uint64_t first_;
  MessageOrder order_;
  bool begins_anywhere_ = false;
  uint64_t seen_ = 0;  // bit i: next_ - 1 - i was taken
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_SEQUENCE_WINDOW_H_
