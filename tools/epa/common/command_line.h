// The options of one command: strict, and the same for parsing and for --help.
#ifndef EPA_TOOLS_EPA_COMMON_COMMAND_LINE_H_
#define EPA_TOOLS_EPA_COMMON_COMMAND_LINE_H_

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::tool {

// Exit statuses of every command.
inline constexpr int kExitDone = 0;
inline constexpr int kExitRefused = 1;  // a login refused, a check that says no
inline constexpr int kExitUsage = 2;    // usage or unreadable input
inline constexpr int kExitFault = 3;    // a fault of ours or of a back end

struct OptionSpec {
  std::string_view name;   // with its dashes: "--listen"
  std::string_view value;  // what --help calls the value; empty for a switch
  std::string_view help;
  bool repeatable = false;
  bool may_be_empty = false;
};

struct CommandSpec {
  std::string_view usage;    // "epa serve https [options]"
  std::string_view summary;  // a few sentences
  std::span<const OptionSpec> options;
  std::string_view example;
  size_t max_positional = 0;
};

class CommandLine {
 public:
  // `--name value` and `--name=value`; "-" alone is a positional argument, all after "--" are.
  // InvalidArgument, in one line, for an unknown option, a missing, empty or unwanted value, a
  // repeated option that is not repeatable, an empty positional argument, and more of those than
  // the command takes.
  static absl::StatusOr<CommandLine> Parse(const CommandSpec& command,
                                           std::span<const std::string> arguments);

  // Whether the command has this option at all.
  bool Knows(std::string_view name) const;
  bool Has(std::string_view name) const { return values_.contains(name); }
  // The only value of the option.
  std::optional<std::string> Value(std::string_view name) const;
  std::string ValueOr(std::string_view name, std::string_view fallback) const;
  // All values in their order.
  std::vector<std::string> Values(std::string_view name) const;
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  CommandLine() = default;
  absl::Status Add(const CommandSpec& command, std::span<const std::string> arguments,
                   size_t& next);

  std::span<const OptionSpec> options_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> positional_;
};

// How a command ends. RunCommand says what is not said yet: to people, and with --json to programs.
struct [[nodiscard]] Ending {
  // All is said: in a report, or there is nothing to say.
  Ending(int status) : exit_status(status) {}  // NOLINT(google-explicit-constructor)
  Ending(int status, std::string message, bool reported)
      : exit_status(status), fault(std::move(message)), is_reported(reported) {}

  int exit_status;
  std::string fault;        // for standard error; empty: none
  bool is_reported = true;  // the report has been written, and nothing follows it
};

// Answers --help and bad usage; otherwise runs the command, whose exceptions are faults of ours.
// Returns its exit status, which is kExitFault where standard output did not take all of what a
// command that was done or refused had to say. A command that has --json writes one document in any
// case: its report or, where it ends without one, {"error": {"reason": MESSAGE}}.
int RunCommand(const CommandSpec& command, std::span<const std::string> arguments,
               Ending (*run)(const CommandLine&));
// Says what standard output did not take, if that is so, and returns kExitFault then; else
// `exit_status`.
int EndOutput(int exit_status);
// The end of a command without a report.
Ending Fail(int exit_status, std::string_view message);
// The same, for usage and unreadable input.
Ending FailUsage(const absl::Status& status);
// The same: kExitFault for a server that cannot be had and for faults of ours, else kExitUsage.
Ending FailStatus(const absl::Status& status);
// The end of a command whose report, already written, says the same.
Ending FailAfterReport(int exit_status, std::string_view message);
// Writes "epa: MESSAGE" as one line to standard error.
void Complain(std::string_view message);
// Writes "epa: note: MESSAGE" as one line to standard error.
void Note(std::string_view message);
// Writes "epa: warning: MESSAGE" as one line to standard error.
void Warn(std::string_view message);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_COMMAND_LINE_H_
