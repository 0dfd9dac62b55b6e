#include "tools/epa/serve/serve_options.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/serve/operator_log.h"

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

FileObserver TellOperator(std::string what) {
  return [what = std::move(what)](const absl::Status& status) {
    OperatorLog& log = OperatorLog::StandardError();
    if (status.ok()) {
      log.Say(LogLevel::kInfo, what + " changed and were read again");
    } else {
      log.Say(LogLevel::kError, what + " stay as they were: " + std::string(status.message()));
    }
  };
}

ServerFileObservers PackageObservers() {
  return {.accounts = TellOperator("accounts"), .keytab = TellOperator("keys of --keytab")};
}

}  // namespace epa::tool
