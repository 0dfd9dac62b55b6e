// A lock of four octets, for objects that a server has a hundred thousand of.
#ifndef EPA_LIB_SSPI_LOCK_H_
#define EPA_LIB_SSPI_LOCK_H_

#include <atomic>
#include <cstdint>

namespace epa::sspi {

// As std::mutex for std::lock_guard; waiters sleep in the kernel.
class Lock {
 public:
  Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void lock() {
    uint32_t seen = kFree;
    if (state_.compare_exchange_strong(seen, kHeld, std::memory_order_acquire)) {
      return;
    }
    while (state_.exchange(kHeldAndWaited, std::memory_order_acquire) != kFree) {
      state_.wait(kHeldAndWaited, std::memory_order_relaxed);
    }
  }

  void unlock() {
    if (state_.exchange(kFree, std::memory_order_release) == kHeldAndWaited) {
      state_.notify_one();
    }
  }

 private:
  static constexpr uint32_t kFree = 0;
  static constexpr uint32_t kHeld = 1;
  static constexpr uint32_t kHeldAndWaited = 2;

  std::atomic<uint32_t> state_{kFree};
};

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_LOCK_H_
