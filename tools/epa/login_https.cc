#include "tools/epa/login_https.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/hex.h"
#include "tools/epa/command_line.h"
#include "tools/epa/http_login.h"
#include "tools/epa/output.h"
#include "tools/epa/packages.h"
#include "tools/epa/registry_options.h"

namespace epa::tool {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--user", "NAME", "DOMAIN\\user, user@REALM or user"},
    {"--password-file", "FILE", "its first line is the password; without it, the terminal asks"},
    {"--ccache", "FILE", "Kerberos tickets; user@REALM and the password get some as well"},
    {"--krb5-config", "FILE", "instead of the system's krb5.conf"},
    {"--package", "NAME", "Negotiate (default: all with credentials), NTLM, Kerberos", true},
    {"--spn", "NAME", "the service we mean; default HTTP/HOST of the URL"},
    {"--binding", "auto|none|omit",
     "this connection's certificate (default); \"no channel\"; silence"},
    {"--ca", "FILE", "PEM certificates to trust; default: the system's"},
    kRegistryOption,
    {"--audit", "FILE", "what our own settings refuse or report; as of serve"},
    {"--json", "", "one JSON document on standard output"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa login https URL [--user NAME] [--ccache FILE] [options]",
    .summary =
        "Logs in to an HTTPS server and prints who the server says we are, the package, and what\n"
        "was bound. Exit status 1 when refused, by the server or by our own policy.",
    .options = kOptions,
    .example =
        "  epa login https https://localhost:8443/ --user 'DEMO\\alice' --password-file secret "
        "--ca ca.pem",
    .max_positional = 1,
};

absl::StatusOr<BindingRequest> ParseBinding(const std::string& text) {
  if (text == "auto") {
    return BindingRequest::kFromChannel;
  }
  if (text == "none") {
    return BindingRequest::kExplicitNone;
  }
  if (text == "omit") {
    return BindingRequest::kOmit;
  }
  return absl::InvalidArgumentError("--binding '" + text + "': expected auto, none or omit");
}

absl::StatusOr<HttpLoginOptions> LoginOptionsFrom(const CommandLine& line) {
  if (line.positional().empty()) {
    return absl::InvalidArgumentError("a URL is needed: epa login https https://HOST[:PORT]/");
  }
  auto url = ParseUrl(line.positional().front());
  auto binding = ParseBinding(line.ValueOr("--binding", "auto"));
  for (const absl::Status& status : {url.status(), binding.status()}) {
    if (!status.ok()) {
      return status;
    }
  }
  const auto packages = ClientPackagesFrom(line);
  if (!packages.ok()) {
    return packages.status();
  }
  HttpLoginOptions options;
  options.url = *std::move(url);
  options.ca_file = line.ValueOr("--ca", "");
  options.schemes = HttpSchemesFor(*packages);
  options.parameters.target_name = line.ValueOr("--spn", "HTTP/" + options.url.server.host);
  options.parameters.binding = *binding;
  return options;
}

// What our token says about the channel.
Json BoundTo(const HttpLoginOptions& options, const HttpLoginOutcome& outcome) {
  Json bound;
  if (options.parameters.binding == BindingRequest::kOmit) {
    bound["said"] = "nothing";
  } else if (options.parameters.binding == BindingRequest::kExplicitNone ||
             !outcome.channel.has_bindings()) {
    bound["said"] = "none";
  } else {
    const ChannelBindings& binding = outcome.channel.bindings().front();
    bound["said"] = "bound";
    bound["type"] = ChannelBindingTypeName(binding.type());
    bound["token"] = EncodeHex(binding.token().octets);
  }
  return bound;
}

Json Report(const HttpLoginOptions& options, const HttpLoginOutcome& outcome) {
  Json report;
  report["accepted"] = outcome.accepted;
  report["url"] = options.url.ToString();
  report["status"] = outcome.status;
  report["scheme"] = outcome.scheme;
  if (outcome.accepted) {
    report["package"] = outcome.package;
    Json says = Json::parse(outcome.body, nullptr, false);
    report["server_says"] = says.is_discarded() ? Json(nullptr) : std::move(says);
  } else {
    report["refusal"] = outcome.refusal;
  }
  report["binding"] = BoundTo(options, outcome);
  if (options.parameters.binding != BindingRequest::kOmit) {
    report["target_name"] = options.parameters.target_name;
  }
  return report;
}

std::string Text(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The name in a report of `epa serve`, or what there is instead of one.
std::string ServerSays(const Json& says) {
  const std::string user = Text(says, "user");
  const std::string domain = Text(says, "domain");
  if (user.empty()) {
    return "nothing about who we are";
  }
  if (Text(says, "package") == "Kerberos") {
    return user + "@" + domain;
  }
  return (domain.empty() ? "" : domain + "\\") + user;
}

std::string BoundInWords(const Json& bound) {
  if (bound["said"] == "bound") {
    return bound["type"].get<std::string>() + ", token " + bound["token"].get<std::string>();
  }
  return bound["said"] == "none" ? "nothing: said that there is no channel"
                                 : "nothing, and said nothing about it";
}

void PrintForPeople(const Json& report) {
  const Printer printer;
  const bool accepted = report["accepted"];
  Write(printer.Styled(accepted ? "accepted" : "refused", accepted ? Style::kGood : Style::kBad) +
        " by " + report["url"].get<std::string>() + "\n");
  Table table;
  if (accepted) {
    table.AddRow({{"server says", Style::kDim}, {ServerSays(report["server_says"])}});
    table.AddRow({{"package", Style::kDim},
                  {report["package"].get<std::string>() + " in the scheme " +
                   report["scheme"].get<std::string>()}});
  }
  table.AddRow({{"bound", Style::kDim}, {BoundInWords(report["binding"])}});
  table.AddRow({{"target name", Style::kDim}, {report.value("target_name", "none")}});
  Write(table.Render(printer));
}

// A certificate that is not trusted is our refusal; a server that cannot be had, a fault.
int FailLogin(const absl::Status& status) {
  int exit_status = kExitFault;
  if (absl::IsInvalidArgument(status)) {
    exit_status = kExitUsage;
  } else if (absl::IsPermissionDenied(status) || absl::IsFailedPrecondition(status)) {
    exit_status = kExitRefused;
  }
  return Fail(exit_status, std::string(status.message()));
}

int LogIn(const CommandLine& line) {
  const absl::StatusOr<HttpLoginOptions> options = LoginOptionsFrom(line);
  if (!options.ok()) {
    return FailUsage(options.status());
  }
  const absl::StatusOr<HttpLoginOutcome> outcome = LogInOverHttp(*options);
  if (!outcome.ok()) {
    return FailLogin(outcome.status());
  }
  const Json report = Report(*options, *outcome);
  line.Has("--json") ? WriteJson(report) : PrintForPeople(report);
  if (outcome->accepted) {
    return kExitDone;
  }
  return Fail(outcome->status >= 500 ? kExitFault : kExitRefused, outcome->refusal);
}

}  // namespace

int RunLoginHttps(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, LogIn);
}

}  // namespace epa::tool
