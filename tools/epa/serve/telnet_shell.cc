#include "tools/epa/serve/telnet_shell.h"

#include <cstddef>
#include <utility>

namespace epa::tool {
namespace {

constexpr size_t kLongestLine = 1024;
constexpr char kBackspace = '\b';
constexpr char kDelete = '\x7f';

}  // namespace

std::string TelnetShell::Greeting() const { return "Logged in. Commands: whoami, exit.\r\n"; }

std::string TelnetShell::Next(std::string_view& input) {
  while (!input.empty() && !ended_) {
    const char octet = input.front();
    input.remove_prefix(1);
    if (octet == '\r' || octet == '\n') {
      if (std::string answer = Answer(); !answer.empty()) {
        return answer;
      }
    } else {
      OnOctet(octet);
    }
  }
  return "";
}

void TelnetShell::OnOctet(char octet) {
  if (octet == kBackspace || octet == kDelete) {
    if (!line_.empty()) {
      line_.pop_back();
    }
  } else if (octet != '\0') {
    // NUL only follows a CR that ends a line.
    too_long_ = too_long_ || line_.size() == kLongestLine;
    if (!too_long_) {
      line_ += octet;
    }
  }
}

std::string TelnetShell::Answer() {
  const std::string line = std::exchange(line_, {});
  if (std::exchange(too_long_, false)) {
    return "That line is too long.\r\n";
  }
  if (line.empty()) {
    return "";
  }
  if (line == "whoami") {
    return report_ + "\r\n";
  }
  if (line == "exit") {
    ended_ = true;
    return "Goodbye.\r\n";
  }
  return "No such command. Commands: whoami, exit.\r\n";
}

}  // namespace epa::tool
