#include "tools/epa/serve/serve_helper.h"

#include <memory>
#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/setting_options.h"
#include "tools/epa/serve/helper_site.h"
#include "tools/epa/serve/ntlm_server_request.h"
#include "tools/epa/serve/serve_loop.h"
#include "tools/epa/serve/serve_options.h"

namespace epa::tool {
namespace {

constexpr service::Protocol kProtocol = service::Protocol::kHelper;
constexpr uint32_t kMostHelpers = 4096;

constexpr CommandSpec kCommand = {
    .usage = "epa serve helper --cert FILE [--accounts WHERE] [--keytab FILE] [options]",
    .summary =
        "The service behind `epa helper`, for front ends that know Samba's ntlm_auth: Squid,\n"
        "Dovecot. It sees none of their connections: --cert names the certificates that they\n"
        "show, and --scenario clear or proxy says that there are none here. The first line on\n"
        "standard output says where it listens. SIGTERM and SIGINT stop it, SIGHUP makes it\n"
        "reread its files, SIGUSR1 reports its counts.",
    .options = {},
    .example =
        "  printf 'DEMO:alice:secret\\n' > accounts\n"
        "  epa serve helper --accounts accounts --scenario clear --spn "
        "HTTP/proxy.example.com --listen unix:helper.sock",
};

absl::StatusOr<HelperSettings> SettingsFor(const service::ServiceParts& parts,
                                           std::shared_ptr<AuditSink> audit) {
  HelperSettings settings;
  settings.ntlm = parts.packages.ntlm;
  settings.negotiate = parts.packages.negotiate;
  if (parts.packages.authority != nullptr) {
    settings.ntlm_server = CreateNtlmServerCredentials(parts.packages.authority);
  }
  settings.policy = parts.policy;
  settings.audit = std::move(audit);
  settings.login_time = parts.settings.login_time;
  settings.channel = [parts = std::make_shared<const service::ServiceParts>(parts)] {
    return parts->ChannelNow();
  };
  EPA_ASSIGN_OR_RETURN(const Channel channel, settings.channel());
  EPA_RETURN_IF_ERROR(settings.policy->CheckChannel(channel.kind()));
  EPA_RETURN_IF_ERROR(CheckAudit(*settings.policy, settings.audit));
  return settings;
}

// Outlives the site of any one moment: helpers stay.
class Sites {
 public:
  absl::StatusOr<std::shared_ptr<const Site>> Make(const service::ServiceParts& parts,
                                                   std::shared_ptr<AuditSink> audit) {
    EPA_ASSIGN_OR_RETURN(HelperSettings settings, SettingsFor(parts, std::move(audit)));
    if (service_ == nullptr) {
      service_ = std::make_shared<HelperService>(
          std::move(settings), parts.settings.max_connections.value_or(kMostHelpers));
    } else {
      service_->Replace(std::move(settings));
    }
    return std::make_shared<const HelperSite>(service_);
  }

 private:
  std::shared_ptr<HelperService> service_;
};

Ending Serve(const CommandLine& line) {
  Sites sites;
  ServedProtocol served;
  served.protocol = kProtocol;
  served.make_site = [&sites](const auto& parts, auto audit, const Site* /*predecessor*/) {
    return sites.Make(parts, std::move(audit));
  };
  served.max_connections = kMostHelpers;
  served.tls_end = service::TlsEnd::kElsewhere;
  return ServeUntilTerminated(line, served);
}

}  // namespace

int RunServeHelper(std::span<const std::string> arguments) {
  CommandSpec command = kCommand;
  command.options = ServerOptions(kProtocol);
  return RunCommand(command, arguments, Serve);
}

}  // namespace epa::tool
