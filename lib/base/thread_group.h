// Threads that are waited for, but not for ever.
#ifndef EPA_LIB_BASE_THREAD_GROUP_H_
#define EPA_LIB_BASE_THREAD_GROUP_H_

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace epa {

// Used by one thread at a time.
class ThreadGroup {
 public:
  ThreadGroup();
  // As Join without patience.
  ~ThreadGroup();
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;

  // Runs it on a thread of its own. It shares the ownership of all that it uses, for it may outlive
  // this object. Throws std::system_error where there is no thread to be had.
  void Start(std::function<void()> run);
  // Whether all have ended, after waiting at most so long.
  bool Wait(std::chrono::milliseconds patience) const;
  // Waits at most so long. False where a thread goes on for longer: it is left to itself. No thread
  // belongs to the group afterwards.
  bool Join(std::chrono::milliseconds patience);

 private:
  struct Thread;
  void ForgetEnded();

  std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace epa

#endif  // EPA_LIB_BASE_THREAD_GROUP_H_
