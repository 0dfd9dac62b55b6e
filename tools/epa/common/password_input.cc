#include "tools/epa/common/password_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "lib/base/file_descriptor.h"
#include "lib/base/utf16.h"

namespace epa::tool {
namespace {

constexpr size_t kLongestPassword = 1024;

absl::Status CannotRead(const std::string& path) {
  return absl::InvalidArgumentError("cannot read " + path + ": " + std::strerror(errno));
}

// What Windows' editors put first into a file of UTF-8.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool IsUtf16(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
}

bool IsText(std::string_view password) {
  return IsValidUtf8(password) && password.find('\0') == std::string_view::npos;
}

// What comes before the first line end.
absl::StatusOr<SecretBytes> ReadLine(int fd, const std::string& name) {
  SecretBytes buffer(kLongestPassword);
  size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = read(fd, buffer.ExposeMutable().subspan(size).data(), 1);
    if (got < 0) {
      return CannotRead(name);
    }
    if (got == 0 || buffer.Expose()[size] == '\n') {
      break;
    }
    ++size;
  }
  if (size == buffer.size()) {
    return absl::InvalidArgumentError("the password in " + name + " is too long");
  }
  if (size > 0 && buffer.Expose()[size - 1] == '\r') {
    --size;
  }
  if (size == 0) {
    return absl::InvalidArgumentError("no password in " + name);
  }
  const std::string_view line = buffer.ExposeText().substr(0, size);
  if (!IsText(line)) {
    return absl::InvalidArgumentError("the password in " + name + " is not UTF-8 text" +
                                      (IsUtf16(line) ? ", but UTF-16" : ""));
  }
  const size_t mark = line.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  if (mark == size) {
    return absl::InvalidArgumentError("no password in " + name);
  }
  SecretBytes password(buffer.Expose().subspan(mark, size - mark));
  return password;
}

void WriteTo(int fd, std::string_view text) {
  [[maybe_unused]] const ssize_t written = write(fd, text.data(), text.size());
}

}  // namespace

absl::Status CheckReadable(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!file.valid() || fstat(file.number(), &status) != 0) {
    return CannotRead(path);
  }
  if (!S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError("cannot read " + path + ": not a regular file");
  }
  char octet = 0;
  return read(file.number(), &octet, 1) < 0 ? CannotRead(path) : absl::OkStatus();
}

absl::StatusOr<SecretBytes> ReadPasswordFile(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return CannotRead(path);
  }
  return ReadLine(file.number(), path);
}

absl::StatusOr<SecretBytes> PromptForPassword(const std::string& prompt) {
  const FileDescriptor terminal(open("/dev/tty", O_RDWR | O_CLOEXEC));
  termios before{};
  if (!terminal.valid() || tcgetattr(terminal.number(), &before) != 0) {
    return absl::InvalidArgumentError("no terminal to ask for the password; use --password-file");
  }
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(terminal.number(), TCSAFLUSH, &silent);
  WriteTo(terminal.number(), prompt);
  absl::StatusOr<SecretBytes> password = ReadLine(terminal.number(), "the answer");
  tcsetattr(terminal.number(), TCSAFLUSH, &before);
  WriteTo(terminal.number(), "\n");
  return password;
}

}  // namespace epa::tool
