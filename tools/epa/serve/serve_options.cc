#include "tools/epa/serve/serve_options.h"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/output.h"

namespace epa::tool {
namespace {

constexpr uint32_t kMostWorkers = 1024;

absl::StatusOr<int> WorkersFrom(const CommandLine& line) {
  const auto given = line.Value("--workers");
  if (!given.has_value()) {
    return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, kMostWorkers));
  }
  EPA_ASSIGN_OR_RETURN(const uint32_t number, ParseNumber(*given, 1, kMostWorkers, "--workers"));
  return static_cast<int>(number);
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

absl::StatusOr<TcpServerOptions> TcpServerOptionsFrom(const CommandLine& line) {
  TcpServerOptions options;
  EPA_ASSIGN_OR_RETURN(options.listen, ParseHostPort(line.ValueOr("--listen", "127.0.0.1:0")));
  EPA_ASSIGN_OR_RETURN(options.workers, WorkersFrom(line));
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

int ServeUntilTerminated(HostPort listen,
                         const std::function<absl::StatusOr<std::unique_ptr<Server>>()>& create) {
  const sigset_t signals = BlockTerminationSignals();
  RaiseDescriptorLimit();
  const auto server = create();
  if (!server.ok()) {
    return FailUsage(server.status());
  }
  (*server)->Start();
  listen.port = (*server)->port();
  Write("listening on " + listen.ToString() + "\n");
  int received = 0;
  sigwait(&signals, &received);
  (*server)->Stop();
  return kExitDone;
}

}  // namespace epa::tool
