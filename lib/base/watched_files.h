// Files that become a state of the program, again whenever they change.
#ifndef EPA_LIB_BASE_WATCHED_FILES_H_
#define EPA_LIB_BASE_WATCHED_FILES_H_

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/file_observer.h"
#include "epa/base/secret.h"
#include "lib/base/regular_file.h"
#include "lib/base/status_macros.h"

namespace epa {

struct WatchOptions {
  std::vector<std::string> paths;
  // In place of `paths`, where files come and go: which they are, asked at each look. One that is
  // there or gone is a change.
  std::function<absl::StatusOr<std::vector<std::string>>()> list = nullptr;
  size_t max_size = kMaxFileSize;  // of each
  // How often a thread looks for a change. Zero: there is no thread, Check alone looks.
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  FileObserver observer;  // may be empty
};

// Looks for changes off the path of those who use the state: a file system that hangs stops a
// thread that does nothing else. What is being written is left alone until it has come to rest.
class FileWatch {
 public:
  // Takes effect as a whole or leaves things as they are. The contents lie in the order of the
  // paths.
  using Load = std::function<absl::Status(std::span<const SecretBytes> contents)>;

  // Loads now; fails as reading or `load` does.
  static absl::StatusOr<std::unique_ptr<FileWatch>> Create(WatchOptions options, Load load);
  // Waits for the thread, but not for a file system that hangs.
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  // Sees to it that the thread runs: it starts with the first use, and again in a forked child.
  // Costs a look at the clock, and where the thread starts a wait for its first look, but not for
  // a file system that hangs.
  void Use();
  // Looks now, on this thread. OK when the files as they are have taken effect.
  absl::Status Check();

 private:
  struct Shared;
  class Looker;

  FileWatch(std::shared_ptr<Shared> shared, std::shared_ptr<Looker> looker);
  void StartThread();

  std::shared_ptr<Shared> shared_;
  std::mutex mutex_;
  std::shared_ptr<Looker> looker_;
  std::unique_ptr<std::thread> thread_;
  pid_t process_ = 0;  // whose thread it is
};

// The state of type T made of some files. For several threads.
template <typename T>
class WatchedFiles {
 public:
  using Build = std::function<absl::StatusOr<std::shared_ptr<const T>>(
      std::span<const SecretBytes> contents)>;

  static absl::StatusOr<WatchedFiles> Create(WatchOptions options, Build build) {
    auto slot = std::make_shared<Slot>();
    auto load = [slot, build = std::move(build)](std::span<const SecretBytes> contents) {
      absl::StatusOr<std::shared_ptr<const T>> state = build(contents);
      if (state.ok()) {
        const std::unique_lock lock(slot->mutex);
        slot->state.swap(*state);
      }
      return state.status();
    };
    EPA_ASSIGN_OR_RETURN(auto watch, FileWatch::Create(std::move(options), std::move(load)));
    return WatchedFiles(std::move(slot), std::move(watch));
  }

  // The last state that was whole. Neither blocks nor reads.
  std::shared_ptr<const T> Current() const {
    watch_->Use();
    const std::shared_lock lock(slot_->mutex);
    return slot_->state;
  }
  absl::Status Check() const { return watch_->Check(); }

 private:
  struct Slot {
    std::shared_mutex mutex;
    std::shared_ptr<const T> state;
  };

  WatchedFiles(std::shared_ptr<Slot> slot, std::unique_ptr<FileWatch> watch)
      : slot_(std::move(slot)), watch_(std::move(watch)) {}

  std::shared_ptr<Slot> slot_;
  std::unique_ptr<FileWatch> watch_;
};

}  // namespace epa

#endif  // EPA_LIB_BASE_WATCHED_FILES_H_
