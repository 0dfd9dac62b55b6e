#include "tools/epa/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "absl/status/status.h"

extern char** environ;

namespace epa::tool {
namespace {

using Clock = std::chrono::steady_clock;

class Pipe {
 public:
  Pipe() { ok_ = pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool ok() const { return ok_; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void CloseRead() { Close(ends_[0]); }
  void CloseWrite() { Close(ends_[1]); }

 private:
  static void Close(int& fd) {
    if (fd >= 0) {
      close(fd);
      fd = -1;
    }
  }
  std::array<int, 2> ends_ = {-1, -1};
  bool ok_ = false;
};

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& arguments, const Pipe& input,
                            const Pipe& output) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.read_end(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.write_end(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return absl::UnavailableError("cannot run " + arguments[0] + ": " + std::strerror(error));
  }
  return pid;
}

// Reads until the child closes its output; false when the time is up.
bool ReadUntilEnd(int fd, Clock::time_point deadline, std::string& output) {
  std::array<char, 4096> buffer{};
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd readable{fd, POLLIN, 0};
    if (left.count() <= 0 || poll(&readable, 1, static_cast<int>(left.count())) <= 0) {
      return false;
    }
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got <= 0) {
      return got == 0;
    }
    output.append(buffer.data(), static_cast<size_t>(got));
  }
}

}  // namespace

absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& arguments,
                                     std::string_view input, std::chrono::seconds patience) {
  Pipe to_child;
  Pipe from_child;
  if (!to_child.ok() || !from_child.ok()) {
    return absl::InternalError("cannot make a pipe");
  }
  const absl::StatusOr<pid_t> pid = Spawn(arguments, to_child, from_child);
  if (!pid.ok()) {
    return pid.status();
  }
  to_child.CloseRead();
  from_child.CloseWrite();
  // Fits into the pipe: never blocks. A child that does not read it is its own problem.
  [[maybe_unused]] const ssize_t written = write(to_child.write_end(), input.data(), input.size());
  to_child.CloseWrite();
  ChildResult result;
  const bool in_time = ReadUntilEnd(from_child.read_end(), Clock::now() + patience, result.output);
  if (!in_time) {
    kill(*pid, SIGKILL);
  }
  int status = 0;
  waitpid(*pid, &status, 0);
  if (!in_time) {
    return absl::DeadlineExceededError(arguments[0] + " did not end in time");
  }
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace epa::tool
