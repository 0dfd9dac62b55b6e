#include "tools/epa/login/login_telnet.h"

#include <memory>
#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/address.h"
#include "tools/epa/common/audit_options.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/packages.h"
#include "tools/epa/common/registry_options.h"
#include "tools/epa/login/login_output.h"
#include "tools/epa/login/telnet_login.h"

namespace epa::tool {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--user", "NAME", "DOMAIN\\user, user@domain or user; needed"},
    {"--password-file", "FILE",
     "its first line is the password; without it, you are asked on the terminal"},
    {"--package", "NAME", "NTLM (default); Negotiate means the same here", true},
    {.name = "--spn",
     .value = "NAME",
     .help = "the service we mean; default TELNET/HOST of the address",
     .may_be_empty = true},
    {"--binding", "auto|none|omit",
     "bind to this connection's channel (default), say \"no channel\", or say nothing"},
    {"--tls", "", "TLS from the first octet on"},
    {"--ca", "FILE", "PEM certificates to trust with --tls; default: the system's"},
    kRegistryOption,
    {"--audit", "FILE", "where to write what our own settings refuse or report, as with serve"},
    {"--json", "", "one JSON document on standard output"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa login telnet HOST:PORT --user NAME [options]",
    .summary =
        "Logs in to a Telnet server by NTLM, asks `whoami`, and prints who the server says we are\n"
        "and what was bound. Credentials are sent only to this server. Exit status 1 when\n"
        "refused, by the server or by our own policy, or when the server asks for no such login.",
    .options = kOptions,
    .example = "  epa login telnet localhost:2323 --user 'DEMO\\alice' --password-file secret",
    .max_positional = 1,
};

absl::StatusOr<TelnetLoginOptions> LoginOptionsFrom(const CommandLine& line,
                                                    const std::shared_ptr<AuditSink>& audit) {
  if (line.positional().empty()) {
    return absl::InvalidArgumentError("an address is needed: epa login telnet HOST:PORT");
  }
  if (line.Has("--ca") && !line.Has("--tls")) {
    return absl::InvalidArgumentError("--ca is of use with --tls only");
  }
  TelnetLoginOptions options;
  EPA_ASSIGN_OR_RETURN(options.server, ParseHostPort(line.positional().front()));
  EPA_ASSIGN_OR_RETURN(options.parameters.binding, BindingFrom(line));
  options.parameters.target_name = line.ValueOr("--spn", "TELNET/" + options.server.host);
  options.tls = line.Has("--tls");
  options.ca_file = line.ValueOr("--ca", "");
  EPA_ASSIGN_OR_RETURN(const PackageSet packages, ClientPackagesFrom(line, audit));
  if (packages.ntlm == nullptr) {
    return absl::InvalidArgumentError("Telnet carries only NTLM: --user NAME is needed");
  }
  options.credentials = packages.ntlm;
  return options;
}

Json Report(const TelnetLoginOptions& options, const TelnetLoginOutcome& outcome) {
  Json report;
  report["accepted"] = outcome.accepted;
  report["address"] = options.server.ToString();
  report["tls"] = options.tls;
  if (outcome.accepted) {
    report["package"] = outcome.package;
    report["server_says"] = ServerReport(outcome.report);
  } else {
    report["refusal"] = outcome.refusal;
  }
  ReportClaims(options.parameters, outcome.channel, report);
  return report;
}

Ending LogIn(const CommandLine& line, const std::shared_ptr<AuditSink>& audit) {
  const absl::StatusOr<TelnetLoginOptions> options = LoginOptionsFrom(line, audit);
  if (!options.ok()) {
    return FailUsage(options.status());
  }
  const absl::StatusOr<TelnetLoginOutcome> outcome = LogInOverTelnet(*options);
  if (!outcome.ok()) {
    return FailLogin(outcome.status());
  }
  const Json report = Report(*options, *outcome);
  line.Has("--json") ? WriteJson(report)
                     : PrintLogin(report, options->server.ToString(),
                                  options->tls ? " over TLS" : " in the clear");
  return outcome->accepted ? kExitDone : FailAfterReport(kExitRefused, outcome->refusal);
}

}  // namespace

int RunLoginTelnet(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments,
                    [](const CommandLine& line) { return RunWithAudit(line, LogIn); });
}

}  // namespace epa::tool
