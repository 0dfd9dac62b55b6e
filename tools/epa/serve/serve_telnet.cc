#include "tools/epa/serve/serve_telnet.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/accounts.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/packages.h"
#include "tools/epa/common/policy_options.h"
#include "tools/epa/common/registry_options.h"
#include "tools/epa/common/tls_options.h"
#include "tools/epa/serve/serve_loop.h"
#include "tools/epa/serve/serve_options.h"
#include "tools/epa/serve/telnet_site.h"

namespace epa::tool {
namespace {

constexpr std::string_view kUsualScenario = "clear";

constexpr OptionSpec kOptions[] = {
    kListenOption,
    kAccountsOption,
    kNetbiosNameOption,
    kNetbiosDomainOption,
    kDnsNameOption,
    kDnsDomainOption,
    {"--package", "NAME", "NTLM (default); Negotiate means the same here", true},
    {"--extended-protection", "MODE", "0|1|2 or legacy|allow|require; default 2"},
    {"--spn", "NAME", "an accepted target name, such as TELNET/host.example.com", true},
    kPortRuleOption,
    {"--scenario", "WHERE", "where TLS ends: clear (nowhere, default), tls (here), proxy"},
    {"--cert", "FILE", "PEM certificate and chain, for --scenario tls", true},
    {"--key", "FILE", "PEM key of the --cert in the same place", true},
    kUndefinedHashOption,
    {"--flag", "NAME", "proxy-cohosting|no-service-name-check|allow-dotless-spn|nothing-to-check",
     true},
    {"--audit-only", "", "evaluate and report, refuse nothing because of the policy"},
    kRegistryOption,
    {"--audit", "FILE", "audit events, one JSON object a line; - is standard error; or journal"},
    kMaxConnectionsOption,
    kMaxConnectionsPerAddressOption,
    kLoginTimeOption,
    kWorkersOption,
};

constexpr CommandSpec kCommand = {
    .usage = "epa serve telnet --accounts FILE --spn NAME [options]",
    .summary =
        "A small Telnet server with Windows login (RFC 2941 with [MS-TNAP]'s NTLM) and extended\n"
        "protection on the target name, and on the channel with --scenario tls. Who is logged in\n"
        "gets a line shell: whoami, exit. The first line on standard output says where it\n"
        "listens. SIGTERM and SIGINT end it, SIGHUP reads its files again, SIGUSR1 says how\n"
        "things are.",
    .options = kOptions,
    .example =
        "  printf 'DEMO:alice:secret\\n' > accounts\n"
        "  epa serve telnet --accounts accounts --spn TELNET/localhost --flag allow-dotless-spn "
        "--listen 127.0.0.1:2323",
};

absl::StatusOr<std::shared_ptr<const telnet::ServerConfig>> ConfigFrom(
    const CommandLine& line, std::shared_ptr<AuditSink> audit) {
  telnet::ServerOptions options;
  EPA_ASSIGN_OR_RETURN(
      options.policy,
      PolicyFrom(line, kUsualScenario, &registry::WindowsSettings::telnet_extended_protection));
  EPA_ASSIGN_OR_RETURN(const PackageSet packages, ServerPackagesFrom(line, PackageObservers()));
  if (packages.ntlm == nullptr) {
    return absl::InvalidArgumentError("Telnet carries NTLM alone: leave --package out");
  }
  options.credentials = packages.ntlm;
  options.audit = std::move(audit);
  return telnet::ServerConfig::Create(std::move(options));
}

absl::StatusOr<std::shared_ptr<const Site>> SiteFrom(const CommandLine& line,
                                                     std::shared_ptr<AuditSink> audit,
                                                     const Site* predecessor) {
  EPA_ASSIGN_OR_RETURN(std::vector<KeyPairFiles> key_pairs,
                       KeyPairsFrom(line, line.ValueOr("--scenario", kUsualScenario)));
  EPA_ASSIGN_OR_RETURN(auto config, ConfigFrom(line, std::move(audit)));
  EPA_ASSIGN_OR_RETURN(const auto undefined_hash, UndefinedHashRuleFrom(line));
  ServerTransportOptions transport =
      TransportFor(*config->options().policy, std::move(key_pairs), undefined_hash);
  transport.observer = TellOperator("certificates");
  return TelnetSite::Create(std::move(transport), std::move(config), predecessor);
}

Ending Serve(const CommandLine& line) {
  absl::StatusOr<TcpServerOptions> tcp = TcpServerOptionsFrom(line);
  if (!tcp.ok()) {
    return FailUsage(tcp.status());
  }
  return ServeUntilTerminated(line, *std::move(tcp), SiteFrom);
}

}  // namespace

int RunServeTelnet(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, Serve);
}

}  // namespace epa::tool
