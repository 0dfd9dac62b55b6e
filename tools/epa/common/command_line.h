// The options of one command: strict, and the same for parsing and for --help.
#ifndef EPA_TOOLS_EPA_COMMON_COMMAND_LINE_H_
#define EPA_TOOLS_EPA_COMMON_COMMAND_LINE_H_

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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
  // InvalidArgument, in one line, for an unknown option, a missing or unwanted value, a repeated
  // option that is not repeatable, and more positional arguments than the command takes.
  static absl::StatusOr<CommandLine> Parse(const CommandSpec& command,
                                           std::span<const std::string> arguments);

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

  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> positional_;
};

// Answers --help and bad usage; otherwise runs the command. Returns its exit status.
int RunCommand(const CommandSpec& command, std::span<const std::string> arguments,
               int (*run)(const CommandLine&));
// Writes "epa: MESSAGE" as one line to standard error and returns `exit_status`.
int Fail(int exit_status, std::string_view message);
// Writes "epa: note: MESSAGE" as one line to standard error.
void Note(std::string_view message);
// Fail for usage and unreadable input.
int FailUsage(const absl::Status& status);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_COMMAND_LINE_H_
