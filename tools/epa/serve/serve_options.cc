#include "tools/epa/serve/serve_options.h"

#include <algorithm>
#include <string>
#include <thread>

#include "lib/base/status_macros.h"
#include "tools/epa/common/address.h"
#include "tools/epa/common/helper_socket.h"
#include "tools/epa/serve/operator_log.h"

namespace epa::tool {
namespace {

constexpr uint32_t kMostWorkers = 1024;

absl::StatusOr<HostPort> AddressOf(const service::ServiceSettings& settings) {
  absl::StatusOr<HostPort> address =
      ParseListenAddress(settings.listen.empty() ? "127.0.0.1:0" : settings.listen);
  return address.ok() ? std::move(address)
                      : settings.Fault("listen", std::string(address.status().message()));
}

// Where helpers connect.
absl::StatusOr<LocalSocketOptions> SocketOf(const service::ServiceSettings& settings) {
  constexpr std::string_view kScheme = "unix:";
  LocalSocketOptions local;
  local.path = kHelperSocket;
  if (settings.listen.starts_with(kScheme)) {
    local.path = settings.listen.substr(kScheme.size());
  } else if (!settings.listen.empty()) {
    return settings.Fault("listen", "helpers connect to a socket in the file system: unix:PATH");
  }
  local.mode = settings.socket_mode;
  local.group = settings.socket_group;
  return local;
}

}  // namespace

absl::StatusOr<TcpServerOptions> TcpServerOptionsFrom(const service::ServiceParts& parts,
                                                      uint32_t max_connections) {
  const service::ServiceSettings& settings = parts.settings;
  TcpServerOptions options;
  options.local_only = settings.protocol == service::Protocol::kHelper;
  if (options.local_only) {
    EPA_ASSIGN_OR_RETURN(options.local, SocketOf(settings));
  } else {
    EPA_ASSIGN_OR_RETURN(options.listen, AddressOf(settings));
  }
  const uint32_t processors = std::clamp(std::thread::hardware_concurrency(), 1U, kMostWorkers);
  options.workers = static_cast<int>(settings.workers.value_or(processors));
  const uint32_t most = settings.max_connections.value_or(max_connections);
  options.max_connections = most;
  // All clients of a proxy come from its address, and helpers have none.
  const bool one_address = options.local_only || parts.scenario == service::Scenario::kProxy;
  const uint32_t share = one_address ? most : most / 2;
  options.max_connections_per_address =
      settings.max_connections_per_address.value_or(std::max(share, 1U));
  options.times.login = settings.login_time;
  return options;
}

ServerTransportOptions TransportFor(const service::ServiceParts& parts) {
  ServerTransportOptions options;
  options.key_pairs = parts.key_pairs;
  const bool behind_proxy = parts.scenario == service::Scenario::kProxy;
  if (behind_proxy) {
    options.fixed_channel = std::make_shared<const Channel>(Channel::TrustedProxy());
  }
  options.undefined_hash_rule = parts.undefined_hash;
  // Where nothing is compared with it, a certificate without a binding does no harm.
  options.warn_of_unbound =
      parts.policy->mode() != ExtendedProtectionMode::kLegacy && !behind_proxy;
  options.observer = [](const absl::Status& status) { TellOperator("certificates", status); };
  return options;
}

void TellOperator(std::string_view what, const absl::Status& status) {
  OperatorLog& log = OperatorLog::StandardError();
  const std::string files = what == "keytab" ? "keys of --keytab" : std::string(what);
  if (status.ok()) {
    log.Say(LogLevel::kInfo, files + " changed and were read again");
  } else {
    log.Say(LogLevel::kError, files + " stay as they were: " + std::string(status.message()));
  }
}

}  // namespace epa::tool
