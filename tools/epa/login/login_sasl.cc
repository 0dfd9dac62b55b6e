#include "tools/epa/login/login_sasl.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "epa/service/setting.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/audit_options.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/registry_options.h"
#include "tools/epa/login/ldap_login.h"
#include "tools/epa/login/login_output.h"
#include "tools/epa/login/mail_login.h"

namespace epa::tool {
namespace {

using service::Protocol;

constexpr OptionSpec kUser = {"--user", "NAME", "DOMAIN\\user, user@REALM or user"};
constexpr OptionSpec kPasswordFile = {
    "--password-file", "FILE",
    "its first line is the password; without it, you are asked on the terminal"};
constexpr OptionSpec kPackage = {"--package", "NAME", "Negotiate (default), NTLM or Kerberos",
                                 true};
constexpr OptionSpec kMechanism = {"--mechanism", "NAME",
                                   "GSSAPI, GSS-SPNEGO or NTLM; default: the first of ours that "
                                   "the server has"};
constexpr OptionSpec kSpn = {
    .name = "--spn",
    .value = "NAME",
    .help = "the service we mean; default smtp, imap, pop or ldap, and the host",
    .may_be_empty = true};
constexpr OptionSpec kBinding = {
    "--binding", "auto|none|omit",
    "bind to this connection's channel (default), say \"no channel\", or say nothing"};
constexpr OptionSpec kTls = {"--tls", "starttls|none",
                             "of a URL without TLS of its own: the protocol's command (default), "
                             "or none"};
constexpr OptionSpec kCa = {"--ca", "FILE",
                            "PEM certificates to trust with TLS; default: the system's"};
constexpr OptionSpec kKrb5Config = {"--krb5-config", "FILE", "instead of the system's krb5.conf"};
constexpr OptionSpec kAuthorizationIdentity = {"--authzid", "NAME",
                                               "act as this user; with GSSAPI only"};
constexpr OptionSpec kAudit = {
    "--audit", "FILE", "where to write what our own settings refuse or report, as with serve"};
constexpr OptionSpec kJson = {"--json", "", "one JSON document on standard output"};
constexpr OptionSpec kLayer = {"--layer", "none|integrity|confidentiality",
                               "SASL's security layer; default: none with TLS, confidentiality "
                               "without"};

constexpr OptionSpec kSicily = {"--sicily", "",
                                "NTLM by the authentication choices that LDAP had before SASL"};

constexpr OptionSpec kMailOptions[] = {
    kUser,           kPasswordFile, kCcacheOption, kNoMutualOption,
    kKrb5Config,     kPackage,      kMechanism,    kSpn,
    kBinding,        kTls,          kCa,           kAuthorizationIdentity,
    kRegistryOption, kAudit,        kJson};
constexpr OptionSpec kLdapOptions[] = {kUser,
                                       kPasswordFile,
                                       kCcacheOption,
                                       kNoMutualOption,
                                       kKrb5Config,
                                       kPackage,
                                       kMechanism,
                                       kSpn,
                                       kBinding,
                                       kTls,
                                       kCa,
                                       kLayer,
                                       kSicily,
                                       kAuthorizationIdentity,
                                       kRegistryOption,
                                       kAudit,
                                       kJson};

constexpr CommandSpec kSmtpCommand = {
    .usage = "epa login smtp smtp://HOST[:PORT]|smtps://HOST[:PORT] [options]",
    .summary =
        "Logs in to an SMTP server by SASL, and prints what was bound and what the server offers\n"
        "afterwards. smtps uses TLS from the start, smtp begins it by STARTTLS. Exit status 1\n"
        "when refused, by the server or by our own policy.",
    .options = kMailOptions,
    .example = "  epa login smtp smtps://mail.example.com --user 'DEMO\\alice'",
    .max_positional = 1,
};
constexpr CommandSpec kImapCommand = {
    .usage = "epa login imap imap://HOST[:PORT]|imaps://HOST[:PORT] [options]",
    .summary =
        "Logs in to an IMAP server by SASL, and prints what was bound and what the server offers\n"
        "afterwards. imaps uses TLS from the start, imap begins it by STARTTLS. Exit status 1\n"
        "when refused, by the server or by our own policy.",
    .options = kMailOptions,
    .example = "  epa login imap imaps://mail.example.com --user 'DEMO\\alice'",
    .max_positional = 1,
};
constexpr CommandSpec kPop3Command = {
    .usage = "epa login pop3 pop3://HOST[:PORT]|pop3s://HOST[:PORT] [options]",
    .summary =
        "Logs in to a POP3 server by SASL, and prints what was bound and what the server offers\n"
        "afterwards. pop3s uses TLS from the start, pop3 begins it by STLS. Exit status 1 when\n"
        "refused, by the server or by our own policy.",
    .options = kMailOptions,
    .example = "  epa login pop3 pop3s://mail.example.com --user 'DEMO\\alice'",
    .max_positional = 1,
};
constexpr CommandSpec kLdapCommand = {
    .usage = "epa login ldap ldap://HOST[:PORT]|ldaps://HOST[:PORT] [options]",
    .summary =
        "Logs in to an LDAP server by SASL, asks \"Who am I?\", and prints what the server says "
        "and\n"
        "what was bound. ldaps uses TLS from the start, ldap begins it by StartTLS. Exit status 1\n"
        "when refused, by the server or by our own policy.",
    .options = kLdapOptions,
    .example = "  epa login ldap ldaps://dc1.example.com --user 'DEMO\\alice'",
    .max_positional = 1,
};

// What differs between the protocols.
struct Service {
  std::string_view scheme;
  uint16_t port;
  uint16_t tls_port;
  std::string_view service_class;  // of the target name
};
const Service& ServiceOf(Protocol protocol) {
  static constexpr Service kSmtp = {"smtp", 25, 465, "smtp"};
  static constexpr Service kImap = {"imap", 143, 993, "imap"};
  static constexpr Service kPop3 = {"pop3", 110, 995, "pop"};
  static constexpr Service kLdap = {"ldap", 389, 636, "ldap"};
  return protocol == Protocol::kSmtp   ? kSmtp
         : protocol == Protocol::kImap ? kImap
         : protocol == Protocol::kPop3 ? kPop3
                                       : kLdap;
}

constexpr std::string_view kSchemeEnd = "://";

// "SCHEME://HOST[:PORT]" or "SCHEMEs://HOST[:PORT]", and --tls.
absl::Status ReadUrl(const CommandLine& line, const Service& service, SaslLoginOptions& options) {
  if (line.positional().empty()) {
    return absl::InvalidArgumentError("a URL is needed: " + std::string(service.scheme) +
                                      "://HOST");
  }
  options.name = line.positional().front();
  const size_t mark = options.name.find(kSchemeEnd);
  const std::string scheme = options.name.substr(0, mark);
  const bool tls = EqualsIgnoringAsciiCase(scheme, std::string(service.scheme) + "s");
  const bool known = tls || EqualsIgnoringAsciiCase(scheme, service.scheme);
  std::string_view address;
  if (known && mark != std::string::npos) {
    address = std::string_view(options.name).substr(mark + kSchemeEnd.size());
    address.remove_suffix(address.ends_with('/') ? 1 : 0);
  }
  if (address.empty() || address.find_first_of("/?#@") != std::string_view::npos) {
    return absl::InvalidArgumentError("URL '" + options.name + "': expected " +
                                      std::string(service.scheme) + "://HOST[:PORT] or " +
                                      std::string(service.scheme) + "s://HOST[:PORT]");
  }
  EPA_ASSIGN_OR_RETURN(options.server,
                       ParseHostPort(address, tls ? service.tls_port : service.port));
  const std::string how = line.ValueOr("--tls", "starttls");
  if (how != "starttls" && how != "none") {
    return absl::InvalidArgumentError("--tls '" + how + "': expected starttls or none");
  }
  if (tls && line.Has("--tls")) {
    return absl::InvalidArgumentError("--tls is of use with " + std::string(service.scheme) +
                                      ":// only");
  }
  options.tls = tls ? TlsUse::kImplicit : how == "none" ? TlsUse::kNone : TlsUse::kCommand;
  return absl::OkStatus();
}

absl::Status ReadMechanism(const CommandLine& line, SaslLoginOptions& options) {
  const auto name = line.Value("--mechanism");
  if (!name.has_value()) {
    return absl::OkStatus();
  }
  options.mechanism = sasl::ParseMechanism(*name);
  if (!options.mechanism.has_value()) {
    return absl::InvalidArgumentError("--mechanism '" + *name +
                                      "': expected GSSAPI, GSS-SPNEGO or NTLM");
  }
  return CredentialsFor(*options.mechanism, options.packages) != nullptr
             ? absl::OkStatus()
             : absl::InvalidArgumentError("--mechanism " + *name +
                                          ": there are no credentials for it");
}

// It has a name for NTLM alone.
absl::Status ReadSicily(const CommandLine& line, SaslLoginOptions& options) {
  options.sicily = line.Has("--sicily");
  if (!options.sicily) {
    return absl::OkStatus();
  }
  if (options.mechanism.value_or(sasl::MechanismType::kNtlm) != sasl::MechanismType::kNtlm ||
      options.packages.ntlm == nullptr) {
    return absl::InvalidArgumentError("--sicily is of use with NTLM only");
  }
  options.mechanism = sasl::MechanismType::kNtlm;
  return absl::OkStatus();
}

absl::Status ReadLayer(const CommandLine& line, SaslLoginOptions& options) {
  const bool clear = options.tls == TlsUse::kNone;
  const std::string name = line.ValueOr("--layer", clear ? "confidentiality" : "none");
  for (const sasl::Layer layer :
       {sasl::Layer::kNone, sasl::Layer::kIntegrity, sasl::Layer::kConfidentiality}) {
    if (name == sasl::LayerName(layer)) {
      options.layer = layer;
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError("--layer '" + name +
                                    "': expected none, integrity or confidentiality");
}

absl::StatusOr<SaslLoginOptions> LoginOptionsFrom(const CommandLine& line, Protocol protocol,
                                                  const std::shared_ptr<AuditSink>& audit) {
  const Service& service = ServiceOf(protocol);
  SaslLoginOptions options;
  EPA_RETURN_IF_ERROR(ReadUrl(line, service, options));
  if (options.tls == TlsUse::kNone && line.Has("--ca")) {
    return absl::InvalidArgumentError("--ca is of use with TLS only");
  }
  options.ca_file = line.ValueOr("--ca", "");
  EPA_ASSIGN_OR_RETURN(options.parameters.binding, BindingFrom(line));
  options.parameters.target_name =
      line.ValueOr("--spn", std::string(service.service_class) + "/" + options.server.host);
  EPA_ASSIGN_OR_RETURN(options.packages, ClientPackagesFrom(line, audit));
  EPA_RETURN_IF_ERROR(ReadMechanism(line, options));
  if (protocol == Protocol::kLdap) {
    EPA_RETURN_IF_ERROR(ReadLayer(line, options));
    EPA_RETURN_IF_ERROR(ReadSicily(line, options));
  }
  options.authorization_identity = line.ValueOr("--authzid", "");
  return options;
}

std::string_view TlsName(TlsUse tls) {
  return tls == TlsUse::kImplicit ? "implicit" : tls == TlsUse::kCommand ? "starttls" : "none";
}

Json Report(const SaslLoginOptions& options, Protocol protocol, const SaslLoginOutcome& outcome) {
  Json report;
  report["accepted"] = outcome.accepted;
  report["url"] = options.name;
  report["tls"] = TlsName(options.tls);
  report["mechanism"] = outcome.mechanism;
  if (outcome.accepted) {
    report["package"] = outcome.package;
    report["server_proved"] = outcome.server_proved;
    if (protocol == Protocol::kLdap) {
      report["layer"] = outcome.layer;
      report["server_says"]["authorization_identity"] =
          outcome.server_says.empty() ? "" : outcome.server_says.front();
    } else {
      report["server_says"]["capabilities"] = outcome.server_says;
    }
  } else {
    report["refusal"] = outcome.refusal;
  }
  ReportClaims(options.parameters, outcome.channel, report);
  return report;
}

template <Protocol kProtocol>
absl::StatusOr<SaslLoginOutcome> LogInTo(const SaslLoginOptions& options) {
  if constexpr (kProtocol == Protocol::kLdap) {
    return LogInToLdap(options);
  } else {
    return LogInToMail(kProtocol == Protocol::kSmtp   ? sasl::MailProtocol::kSmtp
                       : kProtocol == Protocol::kImap ? sasl::MailProtocol::kImap
                                                      : sasl::MailProtocol::kPop3,
                       options);
  }
}

template <Protocol kProtocol>
Ending LogIn(const CommandLine& line, const std::shared_ptr<AuditSink>& audit) {
  const absl::StatusOr<SaslLoginOptions> options = LoginOptionsFrom(line, kProtocol, audit);
  if (!options.ok()) {
    return FailUsage(options.status());
  }
  const absl::StatusOr<SaslLoginOutcome> outcome = LogInTo<kProtocol>(*options);
  if (!outcome.ok()) {
    return FailLogin(outcome.status());
  }
  const Json report = Report(*options, kProtocol, *outcome);
  line.Has("--json") ? WriteJson(report)
                     : PrintLogin(report, options->name, " by " + outcome->mechanism);
  return outcome->accepted ? kExitDone : FailAfterReport(kExitRefused, outcome->refusal);
}

template <Protocol kProtocol>
int Run(const CommandSpec& command, std::span<const std::string> arguments) {
  return RunCommand(command, arguments,
                    [](const CommandLine& line) { return RunWithAudit(line, LogIn<kProtocol>); });
}

}  // namespace

int RunLoginSmtp(std::span<const std::string> arguments) {
  return Run<Protocol::kSmtp>(kSmtpCommand, arguments);
}
int RunLoginImap(std::span<const std::string> arguments) {
  return Run<Protocol::kImap>(kImapCommand, arguments);
}
int RunLoginPop3(std::span<const std::string> arguments) {
  return Run<Protocol::kPop3>(kPop3Command, arguments);
}
int RunLoginLdap(std::span<const std::string> arguments) {
  return Run<Protocol::kLdap>(kLdapCommand, arguments);
}

}  // namespace epa::tool
