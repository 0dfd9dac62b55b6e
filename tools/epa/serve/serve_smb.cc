#include "tools/epa/serve/serve_smb.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "epa/smb2/server_connection.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/output.h"
#include "tools/epa/common/setting_options.h"
#include "tools/epa/serve/serve_loop.h"
#include "tools/epa/serve/smb_site.h"

namespace epa::tool {
namespace {

constexpr service::Protocol kProtocol = service::Protocol::kSmb;
// What one client may hold: together with SmbFilesLimits a few MiB and descriptors.
constexpr uint32_t kTransfer = 256 * 1024;
constexpr uint16_t kCredits = 64;
constexpr size_t kSessions = 8;
// Half-open ones hold a message of 66,000 octets at most and a little more: 160 MiB in all.
constexpr uint32_t kConnections = 2048;
constexpr size_t kLongestShareName = 80;

constexpr CommandSpec kCommand = {
    .usage = "epa serve smb --share NAME=DIR [--accounts WHERE] [--keytab FILE] [options]",
    .summary =
        "A small SMB 2 and 3 server with Windows login and one read-only share. It accepts logins\n"
        "meant for this server: for its own names and addresses, and those given with --spn. The\n"
        "first line on standard output says where it listens. SIGTERM and SIGINT stop it, SIGHUP\n"
        "makes it reread its files, SIGUSR1 reports its counts.",
    .options = {},
    .example =
        "  printf 'DEMO:alice:secret\\n' > accounts\n"
        "  epa serve smb --share docs=/usr/share/doc --accounts accounts --listen 127.0.0.1:4450",
};

// The characters are those that Windows refuses in the name of a share.
absl::Status CheckShareName(const service::ServiceSettings& settings, const std::string& name) {
  const bool readable = IsValidUtf8(name) && Printable(name) == name &&
                        name.find_first_of("\"\\/[]:|<>+;,?*") == std::string::npos;
  if (!readable || name.size() > kLongestShareName) {
    return settings.Fault("share", "'" + name + "': no client can ask for this name");
  }
  if (EqualsIgnoringAsciiCase(name, "IPC$")) {
    return settings.Fault("share", "'" + name + "': IPC$ has pipes, not a directory");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const SmbShare>> ShareOf(const service::ServiceSettings& settings) {
  const size_t equals = settings.share.find('=');
  if (equals == std::string::npos) {
    return settings.Fault("share", settings.Spelled("share") + " NAME=DIR is needed");
  }
  auto share = std::make_shared<SmbShare>();
  share->name = settings.share.substr(0, equals);
  EPA_RETURN_IF_ERROR(CheckShareName(settings, share->name));
  EPA_ASSIGN_OR_RETURN(share->directory,
                       SharedDirectory::Create(settings.share.substr(equals + 1)));
  return share;
}

absl::StatusOr<std::shared_ptr<const Site>> MakeSmbSite(const service::ServiceParts& parts,
                                                        std::shared_ptr<AuditSink> audit,
                                                        const Site* /*predecessor*/) {
  EPA_ASSIGN_OR_RETURN(auto share, ShareOf(parts.settings));
  smb2::ServerOptions options = *parts.smb;
  options.audit = std::move(audit);
  options.max_transfer_size = kTransfer;
  options.max_credits = kCredits;
  options.max_sessions = kSessions;
  EPA_ASSIGN_OR_RETURN(auto config, smb2::ServerConfig::Create(std::move(options)));
  SmbFilesLimits limits;
  limits.transfer = kTransfer;
  return std::make_shared<const SmbSite>(std::move(config), std::move(share), limits);
}

Ending Serve(const CommandLine& line) {
  return ServeUntilTerminated(line, {.protocol = kProtocol,
                                     .make_site = MakeSmbSite,
                                     .max_connections = kConnections,
                                     .farewell = std::chrono::seconds(2)});
}

}  // namespace

int RunServeSmb(std::span<const std::string> arguments) {
  CommandSpec command = kCommand;
  command.options = ServerOptions(kProtocol);
  return RunCommand(command, arguments, Serve);
}

}  // namespace epa::tool
