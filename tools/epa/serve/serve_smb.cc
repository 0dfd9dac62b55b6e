#include "tools/epa/serve/serve_smb.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/defaults/windows_settings.h"
#include "epa/smb2/server_connection.h"
#include "epa/smb2/server_names.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "tools/epa/common/accounts.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/output.h"
#include "tools/epa/common/packages.h"
#include "tools/epa/common/policy_options.h"
#include "tools/epa/common/registry_options.h"
#include "tools/epa/common/smb_options.h"
#include "tools/epa/serve/serve_loop.h"
#include "tools/epa/serve/serve_options.h"
#include "tools/epa/serve/smb_site.h"

namespace epa::tool {
namespace {

// What one client may hold: together with SmbFilesLimits a few MiB and descriptors.
constexpr uint32_t kTransfer = 256 * 1024;
constexpr uint16_t kCredits = 64;
constexpr size_t kSessions = 8;
// Half-open ones hold a message of 66,000 octets at most and a little more: 160 MiB in all.
constexpr uint32_t kConnections = 2048;
constexpr size_t kLongestShareName = 80;

constexpr OptionSpec kOptions[] = {
    {"--share", "NAME=DIR", "the one share: this directory, for reading"},
    kListenOption,
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
    {"--extended-protection", "LEVEL",
     "SmbServerNameHardeningLevel: 0|1|2 or legacy|allow|require; default 2"},
    {"--spn", "NAME", "an alias clients may mean, such as cifs/files.example.com", true},
    kSmbDialectOption,
    kSmbSigningOption,
    kSmbEncryptionOption,
    {"--map-to-guest", "RULE", "never (default), or bad-user: whom no account knows is a guest"},
    {"--audit-only", "", "evaluate and report, refuse nothing because of the name"},
    kRegistryOption,
    {"--audit", "FILE", "audit events, one JSON object a line; - is standard error; or journal"},
    kMaxConnectionsOption,
    kMaxConnectionsPerAddressOption,
    kLoginTimeOption,
    kWorkersOption,
};

constexpr CommandSpec kCommand = {
    .usage = "epa serve smb --share NAME=DIR [--accounts FILE] [--keytab FILE] [options]",
    .summary =
        "A small SMB 2 and 3 server with Windows login and one read-only share. It lets in who\n"
        "meant this server: its own names and addresses, and those given with --spn. The first\n"
        "line on standard output says where it listens. SIGTERM and SIGINT end it, SIGHUP reads\n"
        "its files again, SIGUSR1 says how things are.",
    .options = kOptions,
    .example =
        "  printf 'DEMO:alice:secret\\n' > accounts\n"
        "  epa serve smb --share docs=/usr/share/doc --accounts accounts --listen 127.0.0.1:4450",
};

// The characters are those that Windows refuses in the name of a share.
absl::Status CheckShareName(const std::string& name) {
  const bool readable = IsValidUtf8(name) && Printable(name) == name &&
                        name.find_first_of("\"\\/[]:|<>+;,?*") == std::string::npos;
  if (!readable || name.size() > kLongestShareName) {
    return absl::InvalidArgumentError("--share '" + name + "': no client can ask for such a name");
  }
  if (EqualsIgnoringAsciiCase(name, "IPC$")) {
    return absl::InvalidArgumentError("--share '" + name + "': IPC$ has pipes, and no directory");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const SmbShare>> ShareFrom(const CommandLine& line) {
  const std::string text = line.ValueOr("--share", "");
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return absl::InvalidArgumentError("--share '" + text + "': expected NAME=DIR");
  }
  auto share = std::make_shared<SmbShare>();
  share->name = text.substr(0, equals);
  EPA_RETURN_IF_ERROR(CheckShareName(share->name));
  EPA_ASSIGN_OR_RETURN(share->directory, SharedDirectory::Create(text.substr(equals + 1)));
  return share;
}

// SMB lists names without the service class, which is always this one.
std::string WithoutClass(const std::string& name) {
  constexpr std::string_view kClass = "cifs/";
  return EqualsIgnoringAsciiCase(name.substr(0, kClass.size()), kClass) ? name.substr(kClass.size())
                                                                        : name;
}

absl::StatusOr<smb2::ServerNames> NamesFrom(const CommandLine& line) {
  EPA_ASSIGN_OR_RETURN(smb2::ServerNames names, smb2::LocalServerNames());
  for (const std::string& name : line.Values("--spn")) {
    names.configured_names.push_back(WithoutClass(name));
  }
  return names;
}

absl::StatusOr<std::shared_ptr<const ExtendedProtectionPolicy>> HardeningFrom(
    const CommandLine& line, const smb2::ServerNames& names) {
  smb2::NameHardeningOptions options;
  EPA_ASSIGN_OR_RETURN(const ExtendedProtectionMode level,
                       ModeFrom(line, &registry::WindowsSettings::smb_server_name_hardening_level));
  options.level = static_cast<uint32_t>(level);
  options.names = names;
  options.audit_only = line.Has("--audit-only");
  EPA_ASSIGN_OR_RETURN(options.allow_guest, GuestsFrom(line));
  if (options.allow_guest && options.level == 2 && !options.audit_only) {
    return absl::InvalidArgumentError(
        "--map-to-guest bad-user needs --extended-protection 0 or 1: a guest vouches for no name");
  }
  EPA_ASSIGN_OR_RETURN(ExtendedProtectionPolicy policy,
                       smb2::CreateNameHardeningPolicy(std::move(options)));
  return std::make_shared<const ExtendedProtectionPolicy>(std::move(policy));
}

absl::Status CheckGuests(const CommandLine& line, const smb2::ServerOptions& options) {
  if (!options.policy->options().allow_guest) {
    return absl::OkStatus();
  }
  if (!line.Has("--accounts")) {
    return absl::InvalidArgumentError(
        "--map-to-guest is about NTLM accounts: --accounts FILE is needed");
  }
  if (options.require_signing || options.encryption == smb2::EncryptionPolicy::kRequired) {
    return absl::InvalidArgumentError(
        "--map-to-guest bad-user needs --signing optional, and no required encryption: a guest "
        "has no key");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const smb2::ServerConfig>> ConfigFrom(
    const CommandLine& line, std::shared_ptr<AuditSink> audit) {
  smb2::ServerOptions options;
  EPA_ASSIGN_OR_RETURN(options.names, NamesFrom(line));
  EPA_ASSIGN_OR_RETURN(const auto settings, WindowsSettingsFrom(line));
  if (settings.has_value()) {
    ApplyWindowsSettings(*settings, options);
  }
  if (line.Has("--signing")) {
    EPA_ASSIGN_OR_RETURN(options.require_signing, SmbSigningRequiredFrom(line));
  }
  EPA_ASSIGN_OR_RETURN(options.policy, HardeningFrom(line, options.names));
  EPA_ASSIGN_OR_RETURN(options.encryption, SmbEncryptionFrom(line));
  EPA_RETURN_IF_ERROR(CheckGuests(line, options));
  EPA_ASSIGN_OR_RETURN(const PackageSet packages, ServerPackagesFrom(line, PackageObservers()));
  options.credentials = packages.negotiate != nullptr ? packages.negotiate : packages.ntlm;
  options.audit = std::move(audit);
  EPA_ASSIGN_OR_RETURN(options.dialects, SmbDialectsFrom(line));
  options.max_transfer_size = kTransfer;
  options.max_credits = kCredits;
  options.max_sessions = kSessions;
  return smb2::ServerConfig::Create(std::move(options));
}

absl::StatusOr<std::shared_ptr<const Site>> SiteFrom(const CommandLine& line,
                                                     std::shared_ptr<AuditSink> audit,
                                                     const Site* /*predecessor*/) {
  EPA_ASSIGN_OR_RETURN(auto share, ShareFrom(line));
  EPA_ASSIGN_OR_RETURN(auto config, ConfigFrom(line, std::move(audit)));
  SmbFilesLimits limits;
  limits.transfer = kTransfer;
  return std::make_shared<const SmbSite>(std::move(config), std::move(share), limits);
}

Ending Serve(const CommandLine& line) {
  absl::StatusOr<TcpServerOptions> tcp = TcpServerOptionsFrom(line, kConnections);
  if (!tcp.ok()) {
    return FailUsage(tcp.status());
  }
  tcp->farewell = std::chrono::seconds(2);
  return ServeUntilTerminated(line, *std::move(tcp), SiteFrom);
}

}  // namespace

int RunServeSmb(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, Serve);
}

}  // namespace epa::tool
