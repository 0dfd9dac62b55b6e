#include "lib/base/watched_files.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <system_error>

namespace epa {
namespace {

using SteadyClock = std::chrono::steady_clock;

// How long a file that was written is given to come to rest.
constexpr std::chrono::milliseconds kSettlingTime{100};
// How long is waited for a file system that may hang.
constexpr std::chrono::milliseconds kPatience{200};

int64_t Now() { return SteadyClock::now().time_since_epoch().count(); }

struct Reading {
  bool settled() const {
    return std::ranges::all_of(stamps, [](const auto& stamp) { return stamp.has_value(); });
  }

  std::vector<std::string> paths;
  std::vector<SecretBytes> contents;
  std::vector<std::optional<FileStamp>> stamps;
};

absl::StatusOr<std::vector<std::string>> PathsNow(const WatchOptions& options) {
  return options.list != nullptr ? options.list() : options.paths;
}

absl::StatusOr<Reading> ReadAll(const WatchOptions& options) {
  Reading reading;
  EPA_ASSIGN_OR_RETURN(reading.paths, PathsNow(options));
  for (const std::string& path : reading.paths) {
    EPA_ASSIGN_OR_RETURN(FileContent content, ReadRegularFile(path, options.max_size));
    reading.contents.push_back(std::move(content.octets));
    reading.stamps.push_back(content.stamp);
  }
  return reading;
}

// Signals are the program's: its handlers do not run on a thread it does not know.
std::unique_ptr<std::thread> StartWithoutSignals(std::function<void()> run) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::unique_ptr<std::thread> thread;
  try {
    thread = std::make_unique<std::thread>(std::move(run));
  } catch (const std::system_error&) {
    // No thread to be had: the next use tries again.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

struct FileWatch::Shared {
  void PutOff(SteadyClock::duration time) {
    overdue.store(Now() + time.count(), std::memory_order_relaxed);
  }

  WatchOptions options;
  Load load;
  // When the thread should have looked again, at the latest.
  std::atomic<int64_t> overdue = 0;
};

// Outlives its FileWatch where a file system hangs.
class FileWatch::Looker {
 public:
  enum class Mode : uint8_t {
    kFirst,    // takes the files as they are and reports nothing
    kNow,      // takes the files as they are
    kSettled,  // leaves alone what was written just now
  };

  explicit Looker(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  // OK when the files as they were seen have taken effect.
  absl::Status Look(Mode mode);
  // Until Stop.
  void Run();
  void AwaitFirstLook() { Await(looked_); }
  // False where it hangs.
  bool Stop() {
    Set(stop_);
    return Await(ended_);
  }

 private:
  bool Unchanged() const;
  void Take(absl::StatusOr<Reading> reading, Mode mode);
  void Report();
  bool Await(const std::atomic<bool>& event);
  void Set(std::atomic<bool>& event);

  const std::shared_ptr<Shared> shared_;

  std::mutex looking_;
  // Of the last reading; empty when it failed.
  std::vector<std::string> paths_;
  std::vector<std::optional<FileStamp>> stamps_;
  bool read_ = false;
  // What took effect before it had come to rest.
  std::vector<SecretBytes> unsettled_;
  std::atomic<bool> settled_ = true;
  absl::Status outcome_;
  std::string reported_;

  std::mutex events_mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> looked_ = false;
  std::atomic<bool> ended_ = false;
};

bool FileWatch::Looker::Unchanged() const {
  if (!read_) {
    return false;
  }
  const absl::StatusOr<std::vector<std::string>> paths = PathsNow(shared_->options);
  if (!paths.ok() || *paths != paths_) {
    return false;
  }
  for (size_t i = 0; i < paths_.size(); ++i) {
    if (!stamps_[i].has_value() || StampOf(paths_[i]) != stamps_[i]) {
      return false;
    }
  }
  return true;
}

absl::Status FileWatch::Looker::Look(Mode mode) {
  const std::lock_guard looking(looking_);
  settled_ = true;
  if (Unchanged()) {
    return outcome_;
  }
  absl::StatusOr<Reading> reading = ReadAll(shared_->options);
  if (stop_) {
    return absl::CancelledError("the files are no longer watched");
  }
  settled_ = !reading.ok() || reading->settled();
  if (settled_ || mode != Mode::kSettled) {
    Take(std::move(reading), mode);
  }
  return outcome_;
}

void FileWatch::Looker::Take(absl::StatusOr<Reading> reading, Mode mode) {
  const bool same = reading.ok() && !unsettled_.empty() && reading->paths == paths_ &&
                    std::ranges::equal(reading->contents, unsettled_);
  read_ = reading.ok();
  paths_.clear();
  stamps_.clear();
  unsettled_.clear();
  if (!reading.ok()) {
    outcome_ = reading.status();
  } else {
    if (!same) {
      outcome_ = shared_->load(reading->contents);
    }
    paths_ = std::move(reading->paths);
    stamps_ = std::move(reading->stamps);
    if (!settled_) {
      unsettled_ = std::move(reading->contents);
    }
  }
  if (!same && mode != Mode::kFirst) {
    Report();
  }
}

// Each success, and each cause of failure once.
void FileWatch::Looker::Report() {
  const FileObserver& observer = shared_->options.observer;
  std::string cause(outcome_.message());
  if (observer != nullptr && (outcome_.ok() || cause != reported_)) {
    observer(outcome_);
  }
  reported_ = std::move(cause);
}

void FileWatch::Looker::Run() {
  const SteadyClock::duration interval = shared_->options.interval;
  while (!stop_) {
    try {
      (void)Look(Mode::kSettled);  // what became of it was reported
    } catch (const std::bad_alloc&) {
      // The next look may have the memory.
    }
    shared_->PutOff(2 * interval + std::chrono::seconds(1));
    Set(looked_);
    std::unique_lock lock(events_mutex_);
    changed_.wait_for(
        lock, settled_ ? interval : std::min<SteadyClock::duration>(interval, kSettlingTime),
        [this] { return stop_.load(); });
  }
  Set(ended_);
}

bool FileWatch::Looker::Await(const std::atomic<bool>& event) {
  std::unique_lock lock(events_mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return event.load(); });
}

void FileWatch::Looker::Set(std::atomic<bool>& event) {
  const std::lock_guard lock(events_mutex_);
  event = true;
  changed_.notify_all();
}

FileWatch::FileWatch(std::shared_ptr<Shared> shared, std::shared_ptr<Looker> looker)
    : shared_(std::move(shared)), looker_(std::move(looker)) {}

absl::StatusOr<std::unique_ptr<FileWatch>> FileWatch::Create(WatchOptions options, Load load) {
  auto shared = std::make_shared<Shared>();
  shared->options = std::move(options);
  shared->load = std::move(load);
  if (shared->options.interval == shared->options.interval.zero()) {
    shared->overdue = std::numeric_limits<int64_t>::max();
  }
  auto looker = std::make_shared<Looker>(shared);
  EPA_RETURN_IF_ERROR(looker->Look(Looker::Mode::kFirst));
  return std::unique_ptr<FileWatch>(new FileWatch(std::move(shared), std::move(looker)));
}

FileWatch::~FileWatch() {
  if (thread_ == nullptr) {
    return;
  }
  if (process_ != getpid()) {
    (void)thread_.release();  // stayed behind in the parent
  } else if (looker_->Stop()) {
    thread_->join();
  } else {
    thread_->detach();
  }
}

void FileWatch::Use() {
  if (Now() >= shared_->overdue.load(std::memory_order_relaxed)) {
    StartThread();
  }
}

absl::Status FileWatch::Check() {
  std::shared_ptr<Looker> looker;
  {
    const std::lock_guard lock(mutex_);
    looker = looker_;
  }
  return looker->Look(Looker::Mode::kNow);
}

void FileWatch::StartThread() {
  const std::lock_guard lock(mutex_);
  if (Now() < shared_->overdue.load(std::memory_order_relaxed)) {
    return;
  }
  shared_->PutOff(shared_->options.interval);
  if (thread_ != nullptr) {
    if (process_ == getpid()) {
      return;  // slow, or hangs
    }
    // The parent's thread may have held what this looker needs when the child was made.
    (void)thread_.release();
    looker_ = std::make_shared<Looker>(shared_);
  }
  process_ = getpid();
  thread_ = StartWithoutSignals([looker = looker_] { looker->Run(); });
  if (thread_ != nullptr) {
    looker_->AwaitFirstLook();
  }
}

}  // namespace epa
