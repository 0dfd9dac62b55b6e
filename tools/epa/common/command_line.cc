#include "tools/epa/common/command_line.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "tools/epa/common/output.h"

namespace epa::tool {
namespace {

constexpr std::string_view kJson = "--json";

const OptionSpec* Find(std::span<const OptionSpec> options, std::string_view name) {
  for (const OptionSpec& option : options) {
    if (option.name == name) {
      return &option;
    }
  }
  return nullptr;
}

absl::Status Error(std::string_view problem, std::string_view what) {
  return absl::InvalidArgumentError(std::string(problem) + " " + std::string(what));
}

std::string OptionTitle(const OptionSpec& option) {
  std::string title(option.name);
  if (!option.value.empty()) {
    title += " " + std::string(option.value);
  }
  return title;
}

bool WantsHelp(std::span<const std::string> arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return argument == "--help" || argument == "-h";
  });
}

// In lines of a terminal's width, all but the first indented.
std::string Wrapped(std::string_view text, size_t indent) {
  constexpr size_t kWidth = 100;
  std::string result;
  size_t column = indent;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (column > indent && column + 1 + end > kWidth) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      result += ' ';
      ++column;
    }
    result += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

void PrintHelp(const CommandSpec& command) {
  std::string text = "usage: " + std::string(command.usage) + "\n\n";
  text += std::string(command.summary) + "\n";
  size_t width = 0;
  for (const OptionSpec& option : command.options) {
    width = std::max(width, OptionTitle(option).size());
  }
  text += command.options.empty() ? "" : "\noptions:\n";
  for (const OptionSpec& option : command.options) {
    std::string title = OptionTitle(option);
    title.resize(width, ' ');
    const std::string help = std::string(option.help) + (option.repeatable ? " (repeatable)" : "");
    text += "  " + title + "  " + Wrapped(help, width + 4) + "\n";
  }
  text += "\nexample:\n" + std::string(command.example) + "\n";
  Write(text);
}

Ending Run(const CommandSpec& command, std::span<const std::string> arguments,
           Ending (*run)(const CommandLine&)) {
  const absl::StatusOr<CommandLine> line = CommandLine::Parse(command, arguments);
  if (!line.ok()) {
    return FailUsage(line.status());
  }
  try {
    return run(*line);
  } catch (const std::exception& fault) {
    return Fail(kExitFault, fault.what());
  }
}

// Whatever else is wrong with them.
bool WantsJson(const CommandSpec& command, std::span<const std::string> arguments) {
  return Find(command.options, kJson) != nullptr &&
         std::find(arguments.begin(), arguments.end(), kJson) != arguments.end();
}

}  // namespace

absl::StatusOr<CommandLine> CommandLine::Parse(const CommandSpec& command,
                                               std::span<const std::string> arguments) {
  CommandLine line;
  line.options_ = command.options;
  bool options_ended = false;
  for (size_t next = 0; next < arguments.size();) {
    const std::string& argument = arguments[next];
    if (!options_ended && argument == "--") {
      options_ended = true;
      ++next;
    } else if (!options_ended && argument.size() > 1 && argument[0] == '-') {
      if (absl::Status status = line.Add(command, arguments, next); !status.ok()) {
        return status;
      }
    } else if (line.positional_.size() == command.max_positional) {
      return Error("unexpected argument", argument);
    } else if (argument.empty()) {
      return absl::InvalidArgumentError("an argument is empty");
    } else {
      line.positional_.push_back(argument);
      ++next;
    }
  }
  return line;
}

absl::Status CommandLine::Add(const CommandSpec& command, std::span<const std::string> arguments,
                              size_t& next) {
  const std::string& argument = arguments[next++];
  const size_t equals = argument.find('=');
  const std::string name = argument.substr(0, equals);
  const OptionSpec* option = Find(command.options, name);
  if (option == nullptr) {
    return Error("unknown option", name);
  }
  if (Has(name) && !option->repeatable) {
    return Error("given more than once:", name);
  }
  std::string value;
  if (option->value.empty()) {
    if (equals != std::string::npos) {
      return Error("takes no value:", name);
    }
  } else if (equals != std::string::npos) {
    value = argument.substr(equals + 1);
  } else if (next < arguments.size()) {
    value = arguments[next++];
  } else {
    return Error("missing value for", name);
  }
  if (value.empty() && !option->value.empty() && !option->may_be_empty) {
    return Error("empty value for", name);
  }
  values_[name].push_back(std::move(value));
  return absl::OkStatus();
}

bool CommandLine::Knows(std::string_view name) const { return Find(options_, name) != nullptr; }

std::optional<std::string> CommandLine::Value(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    return std::nullopt;
  }
  return found->second.front();
}

std::string CommandLine::ValueOr(std::string_view name, std::string_view fallback) const {
  return Value(name).value_or(std::string(fallback));
}

std::vector<std::string> CommandLine::Values(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

int RunCommand(const CommandSpec& command, std::span<const std::string> arguments,
               Ending (*run)(const CommandLine&)) {
  if (WantsHelp(arguments)) {
    PrintHelp(command);
    return EndOutput(kExitDone);
  }
  const Ending ending = Run(command, arguments, run);
  if (!ending.is_reported && WantsJson(command, arguments)) {
    WriteJson({{"error", {{"reason", ending.fault}}}});
  }
  if (ending.exit_status <= kExitRefused && !OutputFault().empty()) {
    return EndOutput(ending.exit_status);
  }
  if (!ending.fault.empty()) {
    Complain(ending.fault);
  }
  return ending.exit_status;
}

int EndOutput(int exit_status) {
  const std::string fault = OutputFault();
  if (fault.empty()) {
    return exit_status;
  }
  Complain(fault);
  return kExitFault;
}

Ending Fail(int exit_status, std::string_view message) {
  return {exit_status, std::string(message), false};
}

void Note(std::string_view message) { Complain("note: " + std::string(message)); }
void Warn(std::string_view message) { Complain("warning: " + std::string(message)); }

Ending FailUsage(const absl::Status& status) {
  return Fail(kExitUsage, std::string(status.message()));
}

Ending FailStatus(const absl::Status& status) {
  const bool is_fault = absl::IsUnavailable(status) || absl::IsInternal(status);
  return Fail(is_fault ? kExitFault : kExitUsage, std::string(status.message()));
}

Ending FailAfterReport(int exit_status, std::string_view message) {
  return {exit_status, std::string(message), true};
}

void Complain(std::string_view message) {
  // One line, whatever a file name or a peer put into the message.
  const std::string line = "epa: " + Printable(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace epa::tool
