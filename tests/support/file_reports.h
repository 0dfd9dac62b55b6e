// What a watched file's observer was told.
#ifndef EPA_TESTS_SUPPORT_FILE_REPORTS_H_
#define EPA_TESTS_SUPPORT_FILE_REPORTS_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "epa/base/file_observer.h"

namespace epa::test {

class FileReports {
 public:
  FileObserver observer() const {
    return [state = state_](const absl::Status& status) {
      const std::lock_guard lock(state->mutex);
      state->reports.push_back(status);
      state->told.notify_all();
    };
  }
  // False when no such report comes for a minute.
  bool Await(const std::function<bool(const absl::Status&)>& wanted) const {
    std::unique_lock lock(state_->mutex);
    return state_->told.wait_for(lock, std::chrono::minutes(1), [&] {
      return std::any_of(state_->reports.begin(), state_->reports.end(), wanted);
    });
  }
  bool AwaitSuccess() const {
    return Await([](const absl::Status& status) { return status.ok(); });
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable told;
    std::vector<absl::Status> reports;
  };

  // Shared: a thread may tell while the test ends.
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_FILE_REPORTS_H_
