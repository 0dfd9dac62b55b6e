#include "tools/epa/accounts.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/core/security_context.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/accounts.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/output.h"
#include "tools/epa/common/password_input.h"

namespace epa::tool {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr OptionSpec kOptions[] = {
    kAccountsOption,
    {"--password-file", "FILE",
     "its first line is the password; without it, you are asked on the terminal"},
    {"--json", "", "one JSON document on standard output"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa accounts test USER --accounts WHERE [options]",
    .summary =
        "Makes an NTLM response as a client would, has it verified as a server would, and prints\n"
        "the verdict, the account's own names, its SIDs, and how long that took.",
    .options = kOptions,
    .example = "  epa accounts test 'CORP\\alice' --accounts winbind:",
    .max_positional = 1,
};

// Both sides of one login in this process.
struct Login {
  std::unique_ptr<SecurityContext> client;
  std::unique_ptr<SecurityContext> server;
};

absl::StatusOr<Login> Begin(std::shared_ptr<const ntlm::NtlmAuthority> authority,
                            const std::string& user, SecretBytes password) {
  ntlm::InitiatorOptions initiator;
  initiator.user = user;
  initiator.password = std::move(password);
  InitiateOptions initiate;
  initiate.channel = Channel::Plain();
  EPA_ASSIGN_OR_RETURN(initiate.credentials,
                       ntlm::CreateInitiatorCredentials(std::move(initiator)));
  ntlm::AcceptorOptions acceptor;
  acceptor.authority = std::move(authority);
  AcceptOptions accept;
  accept.channel = Channel::Plain();
  accept.audit = NoAudit();
  EPA_ASSIGN_OR_RETURN(accept.credentials, ntlm::CreateAcceptorCredentials(std::move(acceptor)));
  // The password is what is tested: there is no channel, and nobody to relay it.
  EPA_ASSIGN_OR_RETURN(auto policy,
                       ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy}));
  accept.policy = std::make_shared<const ExtendedProtectionPolicy>(std::move(policy));
  Login login;
  EPA_ASSIGN_OR_RETURN(login.client, SecurityContext::Initiate(std::move(initiate)));
  EPA_ASSIGN_OR_RETURN(login.server, SecurityContext::Accept(std::move(accept)));
  return login;
}

// The time the authority took, in milliseconds.
absl::StatusOr<double> Run(Login& login) {
  EPA_ASSIGN_OR_RETURN(const StepResult negotiate, StepBlocking(*login.client, {}));
  EPA_ASSIGN_OR_RETURN(const StepResult challenge, StepBlocking(*login.server, negotiate.token));
  EPA_ASSIGN_OR_RETURN(const StepResult authenticate, StepBlocking(*login.client, challenge.token));
  const SteadyClock::time_point begin = SteadyClock::now();
  EPA_RETURN_IF_ERROR(StepBlocking(*login.server, authenticate.token).status());
  return std::chrono::duration<double, std::milli>(SteadyClock::now() - begin).count();
}

// `names`: what the authority had the challenge carry.
Json ReportOf(const SecurityContext& server, const std::optional<ntlm::ChallengeNames>& names,
              double milliseconds) {
  Json report;
  report["accepted"] = server.established();
  report["milliseconds"] = milliseconds;
  if (names.has_value()) {
    report["challenge_names"] = names->netbios_domain + "\\" + names->netbios_computer;
  }
  report["reason"] = ReasonName(server.established() ? Reason::kNone : server.reason());
  if (!server.established()) {
    report["explanation"] = ReasonText(server.reason());
    report["detail"] = server.reason_detail();
    return report;
  }
  const auto peer = server.peer();
  const AccountIdentity* const account = peer.ok() ? peer->account() : nullptr;
  if (account == nullptr) {
    return report;
  }
  report["user"] = account->user;
  report["domain"] = account->domain;
  report["dns_domain"] = account->dns_domain;
  report["local"] = account->local;
  if (account->authorization != nullptr) {
    report["user_sid"] = account->authorization->user_sid;
    report["group_sids"] = account->authorization->group_sids;
  }
  return report;
}

void PrintForPeople(const Json& report) {
  Table table;
  for (const auto& [name, value] : report.items()) {
    if (value.is_array()) {
      for (const Json& item : value) {
        table.AddRow({{name, Style::kBold}, {item.get<std::string>()}});
      }
    } else if (const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
               !text.empty()) {
      table.AddRow({{name, Style::kBold}, {text}});
    }
  }
  Write(table.Render(Printer()));
}

Ending Test(const CommandLine& line) {
  const auto accounts = AccountsFrom(line);
  if (!accounts.ok()) {
    return FailStatus(accounts.status());
  }
  if (*accounts == nullptr) {
    return Fail(kExitUsage, "--accounts WHERE is needed");
  }
  if (line.positional().empty()) {
    return Fail(kExitUsage, "the user to test is needed");
  }
  const std::string& user = line.positional().front();
  const auto file = line.Value("--password-file");
  absl::StatusOr<SecretBytes> password =
      file.has_value() ? ReadPasswordFile(*file) : PromptForPassword("Password of " + user + ": ");
  if (!password.ok()) {
    return FailUsage(password.status());
  }
  absl::StatusOr<Login> login = Begin(*accounts, user, *std::move(password));
  if (!login.ok()) {
    return FailUsage(login.status());
  }
  const absl::StatusOr<double> milliseconds = Run(*login);
  if (!milliseconds.ok()) {
    return Fail(kExitFault, std::string(milliseconds.status().message()));
  }
  const auto names = (*accounts)->names();
  if (!names.ok()) {
    return Fail(kExitFault, std::string(names.status().message()));
  }
  const Json report = ReportOf(*login->server, *names, *milliseconds);
  if (line.Has("--json")) {
    WriteJson(report);
  } else {
    PrintForPeople(report);
  }
  return login->server->established() ? kExitDone : kExitRefused;
}

}  // namespace

int RunAccountsTest(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, Test);
}

}  // namespace epa::tool
