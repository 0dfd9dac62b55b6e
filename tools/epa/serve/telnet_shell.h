// The line shell behind `epa serve telnet`.
#ifndef EPA_TOOLS_EPA_SERVE_TELNET_SHELL_H_
#define EPA_TOOLS_EPA_SERVE_TELNET_SHELL_H_

#include <string>
#include <string_view>

namespace epa::tool {

// Takes a user's lines, ended by CR LF, CR NUL or LF (RFC 854, "THE NVT"), and answers them. Holds
// one line of at most 1,024 octets. Answers end in CR LF.
class TelnetShell {
 public:
  // `report`: what `whoami` answers, one line.
  explicit TelnetShell(std::string report) : report_(std::move(report)) {}

  std::string Greeting() const;
  // Takes octets off the front of `input` up to the end of a line, and returns the answer to it:
  // empty where there is none, or no whole line.
  std::string Next(std::string_view& input);
  // The user has left: there are no more answers.
  bool ended() const { return ended_; }

 private:
  void OnOctet(char octet);
  std::string Answer();

  const std::string report_;
  std::string line_;
  bool too_long_ = false;
  bool ended_ = false;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_TELNET_SHELL_H_
