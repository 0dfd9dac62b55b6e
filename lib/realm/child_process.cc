#include "lib/realm/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// The first of two variables of one name counts, so additions come first.
std::vector<char*> EnvironmentWith(const std::vector<std::string>& additions) {
  std::vector<char*> variables = Pointers(additions);
  variables.pop_back();
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.push_back(*variable);
  }
  variables.push_back(nullptr);
  return variables;
}

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& arguments, const ChildOptions& options,
                            const Pipe& input, const Pipe& output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.read_end(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.write_end(), STDOUT_FILENO);
  if (options.keep_errors) {
    posix_spawn_file_actions_adddup2(&actions, output.write_end(), STDERR_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  pid_t pid = -1;
  const int error =
      posix_spawnp(&pid, arguments[0].c_str(), &actions, nullptr, Pointers(arguments).data(),
                   EnvironmentWith(options.environment).data());
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
                                     const ChildOptions& options) {
  Pipe to_child;
  Pipe from_child;
  if (!to_child.ok() || !from_child.ok()) {
    return absl::InternalError("cannot make a pipe");
  }
  const absl::StatusOr<pid_t> pid = Spawn(arguments, options, to_child, from_child);
  if (!pid.ok()) {
    return pid.status();
  }
  to_child.CloseRead();
  from_child.CloseWrite();
  // Fits into the pipe: never blocks. A child that does not read it is its own problem.
  [[maybe_unused]] const ssize_t written =
      write(to_child.write_end(), options.input.data(), options.input.size());
  to_child.CloseWrite();
  ChildResult result;
  const bool in_time =
      ReadUntilEnd(from_child.read_end(), Clock::now() + options.patience, result.output);
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

absl::StatusOr<std::unique_ptr<Companion>> Companion::Start(
    const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> variables = EnvironmentWith(environment);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) {
    return absl::InternalError("cannot run " + arguments[0] + ": " + std::strerror(errno));
  }
  if (pid == 0) {
    // Between fork and exec only what is safe in a signal handler.
    const int nowhere = open("/dev/null", O_RDWR);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
        dup2(nowhere, STDIN_FILENO) >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0 &&
        dup2(nowhere, STDERR_FILENO) >= 0) {
      execvpe(argv[0], argv.data(), variables.data());
    }
    _exit(127);
  }
  return std::unique_ptr<Companion>(new Companion(pid));
}

Companion::~Companion() {
  if (!HasEnded()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

bool Companion::HasEnded() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) {
    pid_ = -1;
  }
  return pid_ < 0;
}

}  // namespace epa::tool
