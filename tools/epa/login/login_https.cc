#include "tools/epa/login/login_https.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "tools/epa/common/audit_options.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/output.h"
#include "tools/epa/common/packages.h"
#include "tools/epa/common/registry_options.h"
#include "tools/epa/common/tls_options.h"
#include "tools/epa/login/http_login.h"
#include "tools/epa/login/login_output.h"

namespace epa::tool {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--user", "NAME", "DOMAIN\\user, user@REALM or user"},
    {"--password-file", "FILE",
     "its first line is the password; without it, you are asked on the terminal"},
    kCcacheOption,
    kNoMutualOption,
    {"--krb5-config", "FILE", "instead of the system's krb5.conf"},
    {"--package", "NAME", "Negotiate (default: all with credentials), NTLM, Kerberos", true},
    {.name = "--spn",
     .value = "NAME",
     .help = "the service we mean; default HTTP/HOST of the URL",
     .may_be_empty = true},
    {"--binding", "auto|none|omit",
     "bind to this connection's certificate (default), say \"no channel\", or say nothing"},
    kUndefinedHashOption,
    {"--ca", "FILE", "PEM certificates to trust; default: the system's"},
    kRegistryOption,
    {"--audit", "FILE", "where to write what our own settings refuse or report, as with serve"},
    {"--json", "", "one JSON document on standard output"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa login https URL [--user NAME] [--ccache NAME] [options]",
    .summary =
        "Logs in to an HTTPS server and prints who the server says we are, the package, and what\n"
        "was bound. Exit status 1 when refused, by the server or by our own policy.",
    .options = kOptions,
    .example =
        "  epa login https https://localhost:8443/ --user 'DEMO\\alice' --password-file secret "
        "--ca ca.pem",
    .max_positional = 1,
};

absl::StatusOr<HttpLoginOptions> LoginOptionsFrom(const CommandLine& line,
                                                  const std::shared_ptr<AuditSink>& audit) {
  if (line.positional().empty()) {
    return absl::InvalidArgumentError("a URL is needed: epa login https https://HOST[:PORT]/");
  }
  auto url = ParseUrl(line.positional().front());
  auto binding = BindingFrom(line);
  const auto undefined_hash = UndefinedHashRuleFrom(line);
  for (const absl::Status& status : {url.status(), binding.status(), undefined_hash.status()}) {
    if (!status.ok()) {
      return status;
    }
  }
  if (line.Has("--ca") && !url->tls) {
    return absl::InvalidArgumentError("--ca is of use with https:// only");
  }
  const auto packages = ClientPackagesFrom(line, audit);
  if (!packages.ok()) {
    return packages.status();
  }
  HttpLoginOptions options;
  options.url = *std::move(url);
  options.ca_file = line.ValueOr("--ca", "");
  options.schemes = HttpSchemesFor(*packages);
  options.parameters.target_name = line.ValueOr("--spn", "HTTP/" + options.url.server.host);
  options.parameters.binding = *binding;
  options.undefined_hash = undefined_hash->value_or(tls::UndefinedHashRule::kFail);
  return options;
}

Json Report(const HttpLoginOptions& options, const HttpLoginOutcome& outcome) {
  Json report;
  report["accepted"] = outcome.accepted;
  report["url"] = options.url.ToString();
  report["status"] = outcome.status;
  report["scheme"] = outcome.scheme;
  if (outcome.accepted) {
    report["package"] = outcome.package;
    report["server_proved"] = outcome.server_proved;
    report["server_says"] = ServerReport(outcome.body);
  } else {
    report["refusal"] = outcome.refusal;
    report["reason"] = ReasonName(outcome.reason);
  }
  if (!outcome.passed_over.empty()) {
    report["passed_over"] = outcome.passed_over;
  }
  InitiatorParameters said = options.parameters;
  said.binding = outcome.binding;
  ReportClaims(said, outcome.channel, report);
  return report;
}

Ending LogIn(const CommandLine& line, const std::shared_ptr<AuditSink>& audit) {
  const absl::StatusOr<HttpLoginOptions> options = LoginOptionsFrom(line, audit);
  if (!options.ok()) {
    return FailUsage(options.status());
  }
  const absl::StatusOr<HttpLoginOutcome> outcome = LogInOverHttp(*options);
  if (!outcome.ok()) {
    return FailLogin(outcome.status());
  }
  const Json report = Report(*options, *outcome);
  line.Has("--json")
      ? WriteJson(report)
      : PrintLogin(report, options->url.ToString(), " in the scheme " + outcome->scheme);
  if (outcome->accepted) {
    return kExitDone;
  }
  return FailAfterReport(outcome->status >= 500 ? kExitFault : kExitRefused, outcome->refusal);
}

}  // namespace

int RunLoginHttps(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments,
                    [](const CommandLine& line) { return RunWithAudit(line, LogIn); });
}

}  // namespace epa::tool
