#include "tools/epa/serve/serve_https.h"

#include <memory>
#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/packages.h"
#include "tools/epa/common/setting_options.h"
#include "tools/epa/serve/https_site.h"
#include "tools/epa/serve/serve_loop.h"
#include "tools/epa/serve/serve_options.h"

namespace epa::tool {
namespace {

constexpr service::Protocol kProtocol = service::Protocol::kHttp;

constexpr CommandSpec kCommand = {
    .usage = "epa serve https --cert FILE --key FILE [--accounts WHERE] [--keytab FILE] [options]",
    .summary =
        "A small HTTPS server with Windows login and extended protection. GET / says who is\n"
        "logged in and what was bound. The first line on standard output says where it listens.\n"
        "SIGTERM and SIGINT stop it, SIGHUP makes it reread its files, SIGUSR1 reports its\n"
        "counts.",
    .options = {},
    .example =
        "  printf 'DEMO:alice:secret\\n' > accounts\n"
        "  epa serve https --cert cert.pem --key key.pem --accounts accounts --listen "
        "127.0.0.1:8443",
};

absl::StatusOr<std::shared_ptr<const Site>> MakeHttpsSite(const service::ServiceParts& parts,
                                                          std::shared_ptr<AuditSink> audit,
                                                          const Site* predecessor) {
  http::AuthenticatorOptions options;
  options.policy = parts.policy;
  options.schemes = HttpSchemesFor(parts.packages);
  options.audit = std::move(audit);
  options.authenticate_each_request = parts.settings.authenticate_each_request;
  EPA_ASSIGN_OR_RETURN(auto authentication, http::AuthenticatorConfig::Create(std::move(options)));
  return HttpsSite::Create(TransportFor(parts), std::move(authentication), predecessor);
}

Ending Serve(const CommandLine& line) {
  return ServeUntilTerminated(line, {.protocol = kProtocol, .make_site = MakeHttpsSite});
}

}  // namespace

int RunServeHttps(std::span<const std::string> arguments) {
  CommandSpec command = kCommand;
  command.options = ServerOptions(kProtocol);
  return RunCommand(command, arguments, Serve);
}

}  // namespace epa::tool
