// Threads that are waited for, but not for ever.
#ifndef EPA_TOOLS_EPA_SERVE_THREAD_GROUP_H_
#define EPA_TOOLS_EPA_SERVE_THREAD_GROUP_H_

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace epa::tool {

// Used by one thread.
class ThreadGroup {
 public:
  ThreadGroup();
  // As Join without patience.
  ~ThreadGroup();
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;

  // Runs it on a thread of its own. It shares the ownership of all that it uses, for it may outlive
  // this object.
  void Start(std::function<void()> run);
  // Whether all have ended, after waiting at most so long.
  bool Wait(std::chrono::milliseconds patience) const;
  // Waits at most so long. False where a thread goes on for longer: it is left to itself. No thread
  // belongs to the group afterwards.
  bool Join(std::chrono::milliseconds patience);

 private:
  struct Thread;
  std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_THREAD_GROUP_H_
