#include "tools/epa/serve/serve_https.h"

#include <memory>
#include <utility>
#include <vector>

#include "lib/base/status_macros.h"
#include "tools/epa/common/accounts.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/packages.h"
#include "tools/epa/common/policy_options.h"
#include "tools/epa/common/registry_options.h"
#include "tools/epa/common/tls_options.h"
#include "tools/epa/serve/https_site.h"
#include "tools/epa/serve/serve_loop.h"
#include "tools/epa/serve/serve_options.h"

namespace epa::tool {
namespace {

constexpr OptionSpec kOptions[] = {
    kListenOption,
    {"--cert", "FILE", "PEM certificate and chain; needed where TLS ends here", true},
    {"--key", "FILE", "PEM key of the --cert in the same place", true},
    kUndefinedHashOption,
    kAccountsOption,
    {"--keytab", "FILE", "Kerberos acceptor keys"},
    {"--exclusive-key", "", "no other service has these keys: their tickets' names count"},
    {"--require-pac", "",
     "refuse Kerberos logins whose account no verified PAC names; so does winbind:"},
    kAllowWeakEncryptionOption,
    {"--krb5-config", "FILE", "instead of the system's krb5.conf"},
    kNetbiosNameOption,
    kNetbiosDomainOption,
    kDnsNameOption,
    kDnsDomainOption,
    {"--package", "NAME", "Negotiate (default: all with credentials), NTLM, Kerberos", true},
    {"--extended-protection", "MODE", "0|1|2 or legacy|allow|require; default 2"},
    {"--scenario", "WHERE", "where TLS ends: tls (here, default), proxy, clear (nowhere)"},
    {"--flag", "NAME", "proxy-cohosting|no-service-name-check|allow-dotless-spn|nothing-to-check",
     true},
    {"--spn", "NAME", "an accepted target name, such as HTTP/www.example.com", true},
    kPortRuleOption,
    {"--audit-only", "", "evaluate and report, refuse nothing because of the policy"},
    kRegistryOption,
    {"--audit", "FILE", "audit events, one JSON object a line; - is standard error; or journal"},
    {"--authenticate-each-request", "",
     "no login lasts longer than its request; the default with --scenario proxy"},
    {"--no-authenticate-each-request", "",
     "with --scenario proxy: each of the proxy's connections is one client's"},
    kMaxConnectionsOption,
    kMaxConnectionsPerAddressOption,
    kLoginTimeOption,
    kWorkersOption,
};

constexpr CommandSpec kCommand = {
    .usage = "epa serve https --cert FILE --key FILE [--accounts FILE] [--keytab FILE] [options]",
    .summary =
        "A small HTTPS server with Windows login and extended protection. GET / answers with who\n"
        "is logged in and what was bound. The first line on standard output says where it "
        "listens.\n"
        "SIGTERM and SIGINT end it, SIGHUP reads its files again, SIGUSR1 says how things are.",
    .options = kOptions,
    .example =
        "  printf 'DEMO:alice:secret\\n' > accounts\n"
        "  epa serve https --cert cert.pem --key key.pem --accounts accounts --listen "
        "127.0.0.1:8443",
};

absl::StatusOr<std::shared_ptr<const http::AuthenticatorConfig>> AuthenticationFrom(
    const CommandLine& line, std::shared_ptr<AuditSink> audit) {
  http::AuthenticatorOptions options;
  EPA_ASSIGN_OR_RETURN(options.policy, PolicyFrom(line, "tls"));
  EPA_ASSIGN_OR_RETURN(const PackageSet packages, ServerPackagesFrom(line, PackageObservers()));
  options.audit = std::move(audit);
  options.schemes = HttpSchemesFor(packages);
  if (line.Has("--authenticate-each-request") || line.Has("--no-authenticate-each-request")) {
    options.authenticate_each_request = line.Has("--authenticate-each-request");
  }
  return http::AuthenticatorConfig::Create(std::move(options));
}

absl::StatusOr<std::shared_ptr<const Site>> SiteFrom(const CommandLine& line,
                                                     std::shared_ptr<AuditSink> audit,
                                                     const Site* predecessor) {
  EPA_ASSIGN_OR_RETURN(std::vector<KeyPairFiles> key_pairs,
                       KeyPairsFrom(line, line.ValueOr("--scenario", "tls")));
  EPA_ASSIGN_OR_RETURN(auto authentication, AuthenticationFrom(line, std::move(audit)));
  EPA_ASSIGN_OR_RETURN(const auto undefined_hash, UndefinedHashRuleFrom(line));
  ServerTransportOptions transport =
      TransportFor(*authentication->options().policy, std::move(key_pairs), undefined_hash);
  transport.observer = TellOperator("certificates");
  return HttpsSite::Create(std::move(transport), std::move(authentication), predecessor);
}

Ending Serve(const CommandLine& line) {
  absl::StatusOr<TcpServerOptions> tcp = TcpServerOptionsFrom(line);
  if (!tcp.ok()) {
    return FailUsage(tcp.status());
  }
  return ServeUntilTerminated(line, *std::move(tcp), SiteFrom);
}

}  // namespace

int RunServeHttps(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, Serve);
}

}  // namespace epa::tool
