#include "tools/epa/serve/serve_ldap.h"

#include <memory>
#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/setting_options.h"
#include "tools/epa/serve/ldap_site.h"
#include "tools/epa/serve/sasl_parts.h"
#include "tools/epa/serve/serve_loop.h"
#include "tools/epa/serve/serve_options.h"

namespace epa::tool {
namespace {

constexpr service::Protocol kProtocol = service::Protocol::kLdap;

constexpr CommandSpec kCommand = {
    .usage = "epa serve ldap --accounts WHERE --cert FILE --key FILE [options]",
    .summary =
        "A small LDAP server with Windows login (SASL GSSAPI, GSS-SPNEGO, NTLM; Sicily) and the\n"
        "channel binding that LdapEnforceChannelBinding asks for, with TLS from the start or by\n"
        "StartTLS. It answers for the rootDSE and to \"Who am I?\". The first line on standard\n"
        "output says where it listens. SIGTERM and SIGINT stop it, SIGHUP makes it reread its\n"
        "files, SIGUSR1 reports its counts.",
    .options = {},
    .example = "  epa serve ldap --accounts accounts --cert cert.pem --key key.pem",
};

absl::StatusOr<std::shared_ptr<const Site>> MakeLdapSite(const service::ServiceParts& parts,
                                                         std::shared_ptr<AuditSink> audit,
                                                         const Site* predecessor) {
  sasl::LdapServerOptions options;
  options.sasl = SaslOptionsFrom(parts, std::move(audit));
  options.sasl.max_message = kLongestLdapMessage;
  options.require_signing = parts.settings.require_signing.value_or(true);
  options.sicily = parts.settings.sicily;
  EPA_ASSIGN_OR_RETURN(auto config, sasl::LdapServerConfig::Create(std::move(options)));
  return LdapSite::Create(TransportFor(parts), StartsTlsByCommand(parts), std::move(config),
                          predecessor);
}

Ending Serve(const CommandLine& line) {
  return ServeUntilTerminated(line, {.protocol = kProtocol, .make_site = MakeLdapSite});
}

}  // namespace

int RunServeLdap(std::span<const std::string> arguments) {
  CommandSpec command = kCommand;
  command.options = ServerOptions(kProtocol);
  return RunCommand(command, arguments, Serve);
}

}  // namespace epa::tool
