#include "tools/epa/serve/serve_telnet.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/packages.h"
#include "tools/epa/common/policy_options.h"
#include "tools/epa/common/registry_options.h"
#include "tools/epa/serve/serve_options.h"
#include "tools/epa/serve/telnet_server.h"

namespace epa::tool {
namespace {

constexpr std::string_view kUsualScenario = "clear";

constexpr OptionSpec kOptions[] = {
    {"--listen", "ADDR:PORT", "where to listen; default 127.0.0.1:0, any free port"},
    {"--accounts", "FILE", "NTLM accounts: DOMAIN:user:password or smbpasswd lines; needed"},
    {"--package", "NAME", "NTLM (default); Negotiate means the same here", true},
    {"--extended-protection", "MODE", "0|1|2 or legacy|allow|require; default 2"},
    {"--spn", "NAME", "an accepted target name, such as TELNET/host.example.com", true},
    {"--scenario", "WHERE", "where TLS ends: clear (nowhere, default), tls (here), proxy"},
    {"--cert", "FILE", "PEM certificate and chain, for --scenario tls", true},
    {"--key", "FILE", "PEM key of the --cert in the same place", true},
    {"--flag", "NAME", "proxy-cohosting|no-service-name-check|allow-dotless-spn|nothing-to-check",
     true},
    {"--audit-only", "", "evaluate and report, refuse nothing because of the policy"},
    kRegistryOption,
    {"--audit", "FILE", "audit events, one JSON object a line; - is standard error; or journal"},
    {"--workers", "N", "threads; default: number of processors"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa serve telnet --accounts FILE --spn NAME [options]",
    .summary =
        "A small Telnet server with Windows login (RFC 2941 with [MS-TNAP]'s NTLM) and extended\n"
        "protection on the target name, and on the channel with --scenario tls. Who is logged in\n"
        "gets a line shell: whoami, exit. The first line on standard output says where it\n"
        "listens; SIGTERM and SIGINT end it.",
    .options = kOptions,
    .example =
        "  printf 'DEMO:alice:secret\\n' > accounts\n"
        "  epa serve telnet --accounts accounts --spn TELNET/localhost --flag allow-dotless-spn "
        "--listen 127.0.0.1:2323",
};

absl::StatusOr<std::shared_ptr<const telnet::ServerConfig>> ConfigFrom(const CommandLine& line) {
  telnet::ServerOptions options;
  EPA_ASSIGN_OR_RETURN(
      options.policy,
      PolicyFrom(line, kUsualScenario, &registry::WindowsSettings::telnet_extended_protection));
  EPA_ASSIGN_OR_RETURN(const PackageSet packages, ServerPackagesFrom(line));
  if (packages.ntlm == nullptr) {
    return absl::InvalidArgumentError("Telnet carries NTLM alone: leave --package out");
  }
  options.credentials = packages.ntlm;
  EPA_ASSIGN_OR_RETURN(options.audit, AuditSinkFrom(line));
  return telnet::ServerConfig::Create(std::move(options));
}

absl::StatusOr<TelnetServerOptions> ServerOptionsFrom(const CommandLine& line) {
  TelnetServerOptions options;
  EPA_ASSIGN_OR_RETURN(options.tcp, TcpServerOptionsFrom(line));
  EPA_ASSIGN_OR_RETURN(std::vector<KeyPairFiles> key_pairs,
                       KeyPairsFrom(line, line.ValueOr("--scenario", kUsualScenario)));
  EPA_ASSIGN_OR_RETURN(options.config, ConfigFrom(line));
  options.transport = TransportFor(*options.config->options().policy, std::move(key_pairs));
  return options;
}

int Serve(const CommandLine& line) {
  absl::StatusOr<TelnetServerOptions> options = ServerOptionsFrom(line);
  if (!options.ok()) {
    return FailUsage(options.status());
  }
  return ServeUntilTerminated(options->tcp.listen,
                              [&options] { return TelnetServer::Create(*std::move(options)); });
}

}  // namespace

int RunServeTelnet(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, Serve);
}

}  // namespace epa::tool
