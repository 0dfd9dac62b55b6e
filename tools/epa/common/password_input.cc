#include "tools/epa/common/password_input.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
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

}  // namespace

absl::StatusOr<SecretBytes> ReadPasswordFile(const std::string& path) {
  EPA_ASSIGN_OR_RETURN(const SecretBytes content, ReadInputFile(path));
  const std::string_view text = content.ExposeText();
  return PasswordIn(text.substr(0, text.find('\n')), path);
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
  absl::StatusOr<SecretBytes> password = ReadAnswer(terminal.number());
  tcsetattr(terminal.number(), TCSAFLUSH, &before);
  WriteTo(terminal.number(), "\n");
  return password;
}

}  // namespace epa::tool
