#include "tools/epa/serve_https.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tools/epa/command_line.h"
#include "tools/epa/https_server.h"
#include "tools/epa/output.h"
#include "tools/epa/packages.h"
#include "tools/epa/policy_options.h"

namespace epa::tool {
namespace {

constexpr uint32_t kMostWorkers = 1024;

constexpr OptionSpec kOptions[] = {
    {"--listen", "ADDR:PORT", "where to listen; default 127.0.0.1:0, any free port"},
    {"--cert", "FILE", "PEM certificate and chain; needed where TLS ends here", true},
    {"--key", "FILE", "PEM key of the --cert in the same place", true},
    {"--accounts", "FILE", "NTLM accounts: DOMAIN:user:password or smbpasswd lines"},
    {"--keytab", "FILE", "Kerberos acceptor keys"},
    {"--krb5-config", "FILE", "instead of the system's krb5.conf"},
    {"--package", "NAME", "Negotiate (default: all with credentials), NTLM, Kerberos", true},
    {"--extended-protection", "MODE", "0|1|2 or legacy|allow|require; default 2"},
    {"--scenario", "WHERE", "where TLS ends: tls (here, default), proxy, clear (nowhere)"},
    {"--flag", "NAME", "proxy-cohosting|no-service-name-check|allow-dotless-spn", true},
    {"--spn", "NAME", "an accepted target name, such as HTTP/www.example.com", true},
    {"--audit-only", "", "evaluate and report, refuse nothing because of the policy"},
    {"--registry", "FILE.reg", "settings in Windows' registry-export format", true},
    {"--audit", "FILE", "audit events, one JSON object a line; - is standard error"},
    {"--workers", "N", "threads; default: number of processors"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa serve https --cert FILE --key FILE [--accounts FILE] [--keytab FILE] [options]",
    .summary =
        "A small HTTPS server with Windows login and extended protection. GET / answers with who\n"
        "is logged in and what was bound. The first line on standard output says where it "
        "listens;\n"
        "SIGTERM and SIGINT end it.",
    .options = kOptions,
    .example =
        "  printf 'DEMO:alice:secret\\n' > accounts\n"
        "  epa serve https --cert cert.pem --key key.pem --accounts accounts --listen "
        "127.0.0.1:8443",
};

absl::StatusOr<std::vector<KeyPairFiles>> KeyPairsFrom(const CommandLine& line) {
  const std::vector<std::string> certificates = line.Values("--cert");
  const std::vector<std::string> keys = line.Values("--key");
  const std::string scenario = line.ValueOr("--scenario", "tls");
  if (certificates.size() != keys.size()) {
    return absl::InvalidArgumentError("every --cert needs a --key, and every --key a --cert");
  }
  if (scenario == "tls" && certificates.empty()) {
    return absl::InvalidArgumentError("--cert FILE and --key FILE are needed to serve TLS");
  }
  if (scenario == "clear" && !certificates.empty()) {
    return absl::InvalidArgumentError("--scenario clear has no TLS: leave --cert and --key out");
  }
  std::vector<KeyPairFiles> pairs;
  for (size_t i = 0; i < certificates.size(); ++i) {
    pairs.push_back({certificates[i], keys[i]});
  }
  return pairs;
}

absl::StatusOr<int> WorkersFrom(const CommandLine& line) {
  const auto given = line.Value("--workers");
  if (!given.has_value()) {
    return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, kMostWorkers));
  }
  const auto number = ParseNumber(*given, 1, kMostWorkers, "--workers");
  if (!number.ok()) {
    return number.status();
  }
  return static_cast<int>(*number);
}

absl::StatusOr<std::shared_ptr<const http::AuthenticatorConfig>> AuthenticationFrom(
    const CommandLine& line) {
  auto policy = PolicyFrom(line);
  if (!policy.ok()) {
    return policy.status();
  }
  const auto packages = ServerPackagesFrom(line);
  if (!packages.ok()) {
    return packages.status();
  }
  auto audit = AuditSinkFrom(line);
  if (!audit.ok()) {
    return audit.status();
  }
  http::AuthenticatorOptions options;
  options.schemes = HttpSchemesFor(*packages);
  options.policy = *std::move(policy);
  options.audit = *std::move(audit);
  return http::AuthenticatorConfig::Create(std::move(options));
}

absl::StatusOr<HttpsServerOptions> ServerOptionsFrom(const CommandLine& line) {
  HttpsServerOptions options;
  auto listen = ParseHostPort(line.ValueOr("--listen", "127.0.0.1:0"));
  auto workers = WorkersFrom(line);
  auto key_pairs = KeyPairsFrom(line);
  for (const absl::Status& status :
       {CheckAvailable(line), listen.status(), workers.status(), key_pairs.status()}) {
    if (!status.ok()) {
      return status;
    }
  }
  auto authentication = AuthenticationFrom(line);
  if (!authentication.ok()) {
    return authentication.status();
  }
  options.listen = *std::move(listen);
  options.workers = *workers;
  options.key_pairs = *std::move(key_pairs);
  options.authentication = *std::move(authentication);
  const ExtendedProtectionPolicy& policy = *options.authentication->options().policy;
  if (policy.options().scenario == ProtectionScenario::kTrustedProxy) {
    options.fixed_channel = std::make_shared<const Channel>(Channel::TrustedProxy());
  }
  if (policy.mode() == ExtendedProtectionMode::kLegacy) {
    // Nothing is compared, so a certificate without a binding does no harm.
    options.undefined_hash_rule = tls::UndefinedHashRule::kUnbound;
  }
  return options;
}

// Threads started later inherit the mask, so only the wait below sees the signals.
sigset_t BlockTerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Serve(const CommandLine& line) {
  absl::StatusOr<HttpsServerOptions> options = ServerOptionsFrom(line);
  if (!options.ok()) {
    return FailUsage(options.status());
  }
  const sigset_t signals = BlockTerminationSignals();
  HostPort address = options->listen;
  auto server = HttpsServer::Create(*std::move(options));
  if (!server.ok()) {
    return FailUsage(server.status());
  }
  (*server)->Start();
  address.port = (*server)->port();
  Write("listening on " + address.ToString() + "\n");
  int received = 0;
  sigwait(&signals, &received);
  (*server)->Stop();
  return kExitDone;
}

}  // namespace

int RunServeHttps(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, Serve);
}

}  // namespace epa::tool
