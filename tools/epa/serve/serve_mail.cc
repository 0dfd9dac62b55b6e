#include "tools/epa/serve/serve_mail.h"

#include <memory>
#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/setting_options.h"
#include "tools/epa/serve/mail_site.h"
#include "tools/epa/serve/sasl_parts.h"
#include "tools/epa/serve/serve_loop.h"
#include "tools/epa/serve/serve_options.h"

namespace epa::tool {
namespace {

constexpr CommandSpec kSmtp = {
    .usage = "epa serve smtp --accounts WHERE --cert FILE --key FILE [options]",
    .summary =
        "A small SMTP server with Windows login (AUTH GSSAPI, GSS-SPNEGO, NTLM) and extended\n"
        "protection, with TLS from the start or by STARTTLS. A logged-in user can ask who that is\n"
        "(HELP), and send mail to nobody. The first line on standard output says where it\n"
        "listens. SIGTERM and SIGINT stop it, SIGHUP makes it reread its files, SIGUSR1 reports\n"
        "its counts.",
    .options = {},
    .example = "  epa serve smtp --accounts accounts --cert cert.pem --key key.pem",
};

constexpr CommandSpec kImap = {
    .usage = "epa serve imap --accounts WHERE --cert FILE --key FILE [options]",
    .summary =
        "A small IMAP server with Windows login (AUTHENTICATE GSSAPI, GSS-SPNEGO, NTLM) and\n"
        "extended protection, with TLS from the start or by STARTTLS. A logged-in user has one\n"
        "mailbox, which is empty; SELECT says who that is. The first line on standard output says\n"
        "where it listens. SIGTERM and SIGINT stop it, SIGHUP makes it reread its files, SIGUSR1\n"
        "reports its counts.",
    .options = {},
    .example = "  epa serve imap --accounts accounts --cert cert.pem --key key.pem",
};

constexpr CommandSpec kPop3 = {
    .usage = "epa serve pop3 --accounts WHERE --cert FILE --key FILE [options]",
    .summary =
        "A small POP3 server with Windows login (AUTH GSSAPI, GSS-SPNEGO, NTLM) and extended\n"
        "protection, with TLS from the start or by STLS. A logged-in user has a mailbox, which is\n"
        "empty; LIST says who that is. The first line on standard output says where it listens.\n"
        "SIGTERM and SIGINT stop it, SIGHUP makes it reread its files, SIGUSR1 reports its\n"
        "counts.",
    .options = {},
    .example = "  epa serve pop3 --accounts accounts --cert cert.pem --key key.pem",
};

template <sasl::MailProtocol kMail>
absl::StatusOr<std::shared_ptr<const Site>> MakeMailSite(const service::ServiceParts& parts,
                                                         std::shared_ptr<AuditSink> audit,
                                                         const Site* predecessor) {
  EPA_ASSIGN_OR_RETURN(auto config,
                       sasl::ServerConfig::Create(SaslOptionsFrom(parts, std::move(audit))));
  return MailSite::Create(kMail, TransportFor(parts), StartsTlsByCommand(parts), std::move(config),
                          predecessor);
}

template <service::Protocol kProtocol, sasl::MailProtocol kMail>
int Run(CommandSpec command, std::span<const std::string> arguments) {
  command.options = ServerOptions(kProtocol);
  return RunCommand(command, arguments, [](const CommandLine& line) {
    return ServeUntilTerminated(line, {.protocol = kProtocol, .make_site = MakeMailSite<kMail>});
  });
}

}  // namespace

int RunServeSmtp(std::span<const std::string> arguments) {
  return Run<service::Protocol::kSmtp, sasl::MailProtocol::kSmtp>(kSmtp, arguments);
}
int RunServeImap(std::span<const std::string> arguments) {
  return Run<service::Protocol::kImap, sasl::MailProtocol::kImap>(kImap, arguments);
}
int RunServePop3(std::span<const std::string> arguments) {
  return Run<service::Protocol::kPop3, sasl::MailProtocol::kPop3>(kPop3, arguments);
}

}  // namespace epa::tool
