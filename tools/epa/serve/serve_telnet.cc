#include "tools/epa/serve/serve_telnet.h"

#include <memory>
#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/setting_options.h"
#include "tools/epa/serve/serve_loop.h"
#include "tools/epa/serve/serve_options.h"
#include "tools/epa/serve/telnet_site.h"

namespace epa::tool {
namespace {

constexpr service::Protocol kProtocol = service::Protocol::kTelnet;

constexpr CommandSpec kCommand = {
    .usage = "epa serve telnet --accounts WHERE --spn NAME [options]",
    .summary =
        "A small Telnet server with Windows login (RFC 2941 with [MS-TNAP]'s NTLM) and extended\n"
        "protection on the target name, and on the channel with --scenario tls. A logged-in user\n"
        "gets a line shell: whoami, exit. The first line on standard output says where it\n"
        "listens. SIGTERM and SIGINT stop it, SIGHUP makes it reread its files, SIGUSR1 reports\n"
        "its counts.",
    .options = {},
    .example =
        "  printf 'DEMO:alice:secret\\n' > accounts\n"
        "  epa serve telnet --accounts accounts --spn TELNET/localhost --flag allow-dotless-spn "
        "--listen 127.0.0.1:2323",
};

absl::StatusOr<std::shared_ptr<const Site>> MakeTelnetSite(const service::ServiceParts& parts,
                                                           std::shared_ptr<AuditSink> audit,
                                                           const Site* predecessor) {
  telnet::ServerOptions options;
  options.policy = parts.policy;
  options.credentials = parts.packages.ntlm;
  options.audit = std::move(audit);
  EPA_ASSIGN_OR_RETURN(auto config, telnet::ServerConfig::Create(std::move(options)));
  return TelnetSite::Create(TransportFor(parts), std::move(config), predecessor);
}

Ending Serve(const CommandLine& line) {
  return ServeUntilTerminated(line, {.protocol = kProtocol, .make_site = MakeTelnetSite});
}

}  // namespace

int RunServeTelnet(std::span<const std::string> arguments) {
  CommandSpec command = kCommand;
  command.options = ServerOptions(kProtocol);
  return RunCommand(command, arguments, Serve);
}

}  // namespace epa::tool
