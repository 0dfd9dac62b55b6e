#include "tools/epa/common/password_input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "absl/status/status.h"
#include "lib/base/file_descriptor.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "tools/epa/common/input_file.h"

namespace epa::tool {
namespace {

constexpr size_t kLongestPassword = 1024;

// What Windows' editors put first into a file of UTF-8.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool IsUtf16(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
}

bool IsText(std::string_view password) {
  return IsValidUtf8(password) && password.find('\0') == std::string_view::npos;
}

// `line`, which is the first one of `name`, without its line end.
absl::StatusOr<SecretBytes> PasswordIn(std::string_view line, const std::string& name) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (line.size() >= kLongestPassword) {
    return absl::InvalidArgumentError("the password in " + name + " is too long");
  }
  if (!IsText(line)) {
    return absl::InvalidArgumentError("the password in " + name + " is not UTF-8 text" +
                                      (IsUtf16(line) ? ", but UTF-16" : ""));
  }
  if (line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (line.empty()) {
    return absl::InvalidArgumentError("no password in " + name);
  }
  return SecretBytes::FromText(line);
}

absl::StatusOr<SecretBytes> ReadAnswer(int terminal) {
  constexpr char kName[] = "the answer";
  SecretBytes buffer(kLongestPassword);
  size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = read(terminal, buffer.ExposeMutable().subspan(size).data(), 1);
    if (got < 0) {
      return absl::InvalidArgumentError(std::string("cannot read ") + kName + ": " +
                                        std::strerror(errno));
    }
    if (got == 0 || buffer.Expose()[size] == '\n') {
      break;
    }
    ++size;
  }
  return PasswordIn(buffer.ExposeText().substr(0, size), kName);
}

void WriteTo(int fd, std::string_view text) {
  [[maybe_unused]] const ssize_t written = write(fd, text.data(), text.size());
}

// Keeps back the signals that end or stop a program, until the end of this object.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&signals_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) {
      sigaddset(&signals_, number);
    }
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    come_ = FileDescriptor(signalfd(-1, &signals_, SFD_CLOEXEC));
  }
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  // Until there is something to read. False where a signal came first.
  bool WaitFor(int descriptor) const {
    std::array<pollfd, 2> events = {pollfd{descriptor, POLLIN, 0},
                                    pollfd{come_.number(), POLLIN, 0}};
    while (poll(events.data(), events.size(), -1) < 0 && errno == EINTR) {
    }
    return events[1].revents == 0;
  }

 private:
  sigset_t signals_;
  sigset_t before_;
  FileDescriptor come_;
};

// A terminal that does not show what is typed, until the end of this object.
class WithoutEcho {
 public:
  WithoutEcho(int terminal, const termios& usual) : terminal_(terminal), usual_(usual) {
    termios silent = usual;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(terminal, TCSAFLUSH, &silent);
  }
  ~WithoutEcho() {
    tcsetattr(terminal_, TCSAFLUSH, &usual_);
    WriteTo(terminal_, "\n");
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;

 private:
  const int terminal_;
  const termios& usual_;
};

}  // namespace

absl::StatusOr<SecretBytes> ReadPasswordFile(const std::string& path) {
  EPA_ASSIGN_OR_RETURN(const SecretBytes content, ReadInputFile(path));
  const std::string_view text = content.ExposeText();
  return PasswordIn(text.substr(0, text.find('\n')), path);
}

absl::StatusOr<SecretBytes> PromptForPassword(const std::string& prompt) {
  const FileDescriptor terminal(open("/dev/tty", O_RDWR | O_CLOEXEC));
  termios usual{};
  if (!terminal.valid() || tcgetattr(terminal.number(), &usual) != 0) {
    return absl::InvalidArgumentError("no terminal to ask for the password; use --password-file");
  }
  while (true) {
    const HeldSignals held;
    const WithoutEcho without_echo(terminal.number(), usual);
    WriteTo(terminal.number(), prompt);
    if (held.WaitFor(terminal.number())) {
      return ReadAnswer(terminal.number());
    }
    // With the echo back, the signal ends or stops the program. Who goes on is asked again.
  }
}

}  // namespace epa::tool
