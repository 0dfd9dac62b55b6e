#include "tools/epa/serve/serve_options.h"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/output.h"

namespace epa::tool {
namespace {

constexpr uint32_t kMostWorkers = 1024;
constexpr uint32_t kMostConnections = 1'000'000;
constexpr uint32_t kLongestLogin = 3600;

absl::StatusOr<uint32_t> NumberFrom(const CommandLine& line, const OptionSpec& option,
                                    uint32_t usual, uint32_t most) {
  const auto given = line.Value(option.name);
  return given.has_value() ? ParseNumber(*given, 1, most, option.name) : usual;
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

// A connection is a descriptor, and shells usually allow 1,024 where the system allows more.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

}  // namespace

absl::StatusOr<TcpServerOptions> TcpServerOptionsFrom(const CommandLine& line,
                                                      uint32_t max_connections) {
  TcpServerOptions options;
  EPA_ASSIGN_OR_RETURN(options.listen, ParseHostPort(line.ValueOr("--listen", "127.0.0.1:0")));
  const uint32_t processors = std::clamp(std::thread::hardware_concurrency(), 1U, kMostWorkers);
  EPA_ASSIGN_OR_RETURN(const uint32_t workers,
                       NumberFrom(line, kWorkersOption, processors, kMostWorkers));
  options.workers = static_cast<int>(workers);
  EPA_ASSIGN_OR_RETURN(options.max_connections,
                       NumberFrom(line, kMaxConnectionsOption, max_connections, kMostConnections));
  // All clients of a proxy come from its address.
  const size_t share = line.ValueOr("--scenario", "") == "proxy" ? options.max_connections
                                                                 : options.max_connections / 2;
  EPA_ASSIGN_OR_RETURN(options.max_connections_per_address,
                       NumberFrom(line, kMaxConnectionsPerAddressOption,
                                  std::max(static_cast<uint32_t>(share), 1U), kMostConnections));
  EPA_ASSIGN_OR_RETURN(const uint32_t login, NumberFrom(line, kLoginTimeOption, 30, kLongestLogin));
  options.times.login = std::chrono::seconds(login);
  return options;
}

absl::StatusOr<std::vector<KeyPairFiles>> KeyPairsFrom(const CommandLine& line,
                                                       std::string_view scenario) {
  const std::vector<std::string> certificates = line.Values("--cert");
  const std::vector<std::string> keys = line.Values("--key");
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

Ending ServeUntilTerminated(TcpServerOptions options, std::shared_ptr<const Site> site) {
  RaiseDescriptorLimit();
  const auto server = TcpServer::Create(std::move(options), std::move(site));
  if (!server.ok()) {
    return FailUsage(server.status());
  }
  const sigset_t signals = BlockTerminationSignals();
  (*server)->Start();
  Write("listening on " + (*server)->address().ToString() + "\n");
  int received = 0;
  sigwait(&signals, &received);
  if (!(*server)->Stop()) {
    // A thread hangs with all that it uses: nothing may be taken down around it.
    std::_Exit(kExitDone);
  }
  return kExitDone;
}

}  // namespace epa::tool
