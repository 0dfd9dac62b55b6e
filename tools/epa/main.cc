// The `epa` command: finds the subcommand and runs it.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "tools/epa/accounts.h"
#include "tools/epa/binding.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/output.h"
#include "tools/epa/decode/decode.h"
#include "tools/epa/demo/demo.h"
#include "tools/epa/gss_check.h"
#include "tools/epa/helper/run_helper.h"
#include "tools/epa/login/login_https.h"
#include "tools/epa/login/login_sasl.h"
#include "tools/epa/login/login_smb.h"
#include "tools/epa/login/login_telnet.h"
#include "tools/epa/serve/serve_helper.h"
#include "tools/epa/serve/serve_https.h"
#include "tools/epa/serve/serve_ldap.h"
#include "tools/epa/serve/serve_mail.h"
#include "tools/epa/serve/serve_smb.h"
#include "tools/epa/serve/serve_telnet.h"
#include "tools/epa/settings.h"

namespace epa::tool {
namespace {

struct Command {
  std::string_view name;
  std::string_view kind;  // the second word; empty where there is none
  std::string_view summary;
  int (*run)(std::span<const std::string> arguments);
};

constexpr Command kCommands[] = {
    {"demo", "", "shows extended protection at work on this machine, within seconds", RunDemo},
    {"serve", "https", "an HTTPS server with Windows login", RunServeHttps},
    {"serve", "telnet", "a Telnet server with Windows login", RunServeTelnet},
    {"serve", "smb", "an SMB server with Windows login and one read-only share", RunServeSmb},
    {"serve", "smtp", "an SMTP server with Windows login", RunServeSmtp},
    {"serve", "imap", "an IMAP server with Windows login", RunServeImap},
    {"serve", "pop3", "a POP3 server with Windows login", RunServePop3},
    {"serve", "ldap", "an LDAP server with Windows login", RunServeLdap},
    {"serve", "helper", "logins of Squid and Dovecot, in place of Samba's ntlm_auth",
     RunServeHelper},
    {"helper", "", "Samba's ntlm_auth dialogue, answered by `epa serve helper`", RunHelper},
    {"login", "https", "logs in to an HTTPS server", RunLoginHttps},
    {"login", "smb", "logs in to an SMB server", RunLoginSmb},
    {"login", "telnet", "logs in to a Telnet server", RunLoginTelnet},
    {"login", "smtp", "logs in to an SMTP server", RunLoginSmtp},
    {"login", "imap", "logs in to an IMAP server", RunLoginImap},
    {"login", "pop3", "logs in to a POP3 server", RunLoginPop3},
    {"login", "ldap", "logs in to an LDAP server", RunLoginLdap},
    {"decode", "", "explains a token", RunDecode},
    {"binding", "", "prints the channel binding of a certificate or a server", RunBinding},
    {"accounts", "test", "verifies a password as a server would", RunAccountsTest},
    {"gss", "check", "checks whether the GSS-API plug-in protects a service", RunGssCheck},
    {"settings", "", "shows Windows' settings from exported registry files", RunSettings},
};

std::string Words(const Command& command) {
  return std::string(command.name) + (command.kind.empty() ? "" : " " + std::string(command.kind));
}

void PrintOverview() {
  Table table;
  for (const Command& command : kCommands) {
    table.AddRow({{Words(command), Style::kBold}, {std::string(command.summary)}});
  }
  Write(
      "usage: epa COMMAND [options]\n\n"
      "Windows authentication with extended protection.\n\n" +
      table.Render(Printer()) +
      "\n`epa COMMAND --help` explains a command. Exit status: 0 done or accepted, 1 refused,\n"
      "2 usage or unreadable input, 3 a fault.\n\nexample:\n  epa demo\n");
}

int FailDispatch(std::string_view message) {
  Complain(message);
  return kExitUsage;
}

bool AsksForHelp(std::string_view word) { return word == "--help" || word == "-h"; }

int RunNamed(std::span<const std::string> arguments) {
  std::vector<std::string> kinds;
  for (const Command& command : kCommands) {
    if (command.name != arguments[0]) {
      continue;
    }
    if (command.kind.empty()) {
      return command.run(arguments.subspan(1));
    }
    if (arguments.size() > 1 && command.kind == arguments[1]) {
      return command.run(arguments.subspan(2));
    }
    kinds.emplace_back(command.kind);
  }
  if (kinds.empty()) {
    return FailDispatch("unknown command '" + arguments[0] + "'; " +
                        (arguments[0].starts_with('-') ? "options follow the command, and " : "") +
                        "`epa --help` lists all commands");
  }
  const std::string all = absl::StrJoin(kinds, "|");
  if (arguments.size() > 1 && AsksForHelp(arguments[1])) {
    Write("usage: epa " + arguments[0] + " " + all + " [options]\n\nexample:\n  epa " +
          arguments[0] + " " + kinds.front() + " --help\n");
    return EndOutput(kExitDone);
  }
  return FailDispatch("epa " + arguments[0] +
                      (arguments.size() > 1 ? " '" + arguments[1] + "'" : "") + ": expected " +
                      all);
}

int Dispatch(std::vector<std::string> arguments) {
  if (arguments.empty()) {
    return FailDispatch("a command is needed; `epa --help` lists them");
  }
  if (arguments[0] == "help") {
    // `epa help serve https` is `epa serve https --help`.
    arguments.erase(arguments.begin());
    arguments.push_back("--help");
  }
  if (AsksForHelp(arguments[0])) {
    PrintOverview();
    return EndOutput(kExitDone);
  }
  if (arguments[0] == "--version" || arguments[0] == "version") {
    Write("epa " EPA_VERSION "\n");
    return EndOutput(kExitDone);
  }
  return RunNamed(arguments);
}

// A standard descriptor that is closed would be the next file's, which then got what people are to
// read. What takes its place cannot be used either: whoever tries hears of it.
bool OccupyStandardDescriptors() {
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(standard, F_GETFD) < 0 &&
        open("/dev/null", standard == STDIN_FILENO ? O_WRONLY : O_RDONLY) != standard) {
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace epa::tool

int main(int argc, char** argv) {
  if (!epa::tool::OccupyStandardDescriptors()) {
    return epa::tool::kExitFault;
  }
  // A peer or a reader that went away is an error of that write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  return epa::tool::Dispatch({argv + 1, argv + argc});
}
