#include "tools/epa/serve/operator_log.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

#include "tools/epa/common/output.h"

namespace epa::tool {
namespace {

constexpr std::chrono::seconds kPeriod{10};
constexpr int kLinesOfPeriod = 20;

// A pipe that has room takes so much at once (pipe(7)).
constexpr size_t kLongestLine = PIPE_BUF;

bool IsWritable(int descriptor) {
  pollfd event{.fd = descriptor, .events = POLLOUT, .revents = 0};
  return poll(&event, 1, 0) == 1 && (event.revents & POLLOUT) != 0;
}

// JOURNAL_STREAM is the journal's device and inode, for those whose output went elsewhere since
// (systemd.exec(5)).
bool IsJournal(int descriptor) {
  const char* const journal = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  return journal != nullptr && fstat(descriptor, &status) == 0 &&
         journal == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

}  // namespace

OperatorLog& OperatorLog::StandardError() {
  static OperatorLog log(STDERR_FILENO, IsJournal(STDERR_FILENO));
  return log;
}

void OperatorLog::Say(LogLevel level, std::string_view text) {
  std::string line = levels_ ? "<" + std::to_string(static_cast<int>(level)) + ">" : "";
  line += level == LogLevel::kWarning ? "epa: warning: " : "epa: ";
  line += Printable(text);
  line.resize(std::min(line.size(), kLongestLine - 1));
  line += '\n';
  SayAsIs(line);
}

void OperatorLog::SayAsIs(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (IsWritable(descriptor_)) {
    [[maybe_unused]] const ssize_t written = write(descriptor_, line.data(), line.size());
  }
}

void OperatorLog::SayOnce(LogLevel level, std::string_view text) {
  {
    const std::lock_guard lock(mutex_);
    if (!said_.emplace(text).second) {
      return;
    }
  }
  Say(level, text);
}

void OperatorLog::SayUnlessFlooded(LogLevel level, std::string_view text) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - period_begun_ >= kPeriod) {
      period_begun_ = now;
      said_in_period_ = 0;
    }
    if (++said_in_period_ > kLinesOfPeriod) {
      return;
    }
  }
  Say(level, text);
}

void OperatorLog::Renew() {
  const std::lock_guard lock(mutex_);
  said_.clear();
}

}  // namespace epa::tool
