// Holds threads until a test lets them go.
#ifndef EPA_TESTS_SUPPORT_GATE_H_
#define EPA_TESTS_SUPPORT_GATE_H_

#include <condition_variable>
#include <mutex>

namespace epa::test {

// Holds whoever waits until it is opened.
class Gate {
 public:
  void Wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
    changed_.notify_all();
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void AwaitWaiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, count] { return waiting_ == count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_GATE_H_
