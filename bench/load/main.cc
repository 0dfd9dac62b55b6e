// What `./run load` sends against a server on this machine; load.py runs it.
//
//   epa_load logins PORT PATH SCHEME SPN USER PASSWORD|CCACHE CLIENTS SECONDS COUNT PAUSE
//   epa_load requests, with the same words: of connections that stay
//   epa_load hold PORT PATH SCHEME SPN USER PASSWORD|CCACHE COUNT whole|half
//   epa_load attack PORT ATTACKERS ADDRESSES PERIOD
//
// SCHEME NTLM has a password and Negotiate a credential cache; with Anonymous nobody logs in, and
// USER is how often PATH is asked for instead. SECONDS or COUNT is 0. `hold` says "ready" when all
// its connections are logged in, `attack` when each attacker has acted once; both go on to the end
// of their standard input. Figures are one line of JSON.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "bench/load/attackers.h"
#include "bench/load/logins.h"
#include "bench/require.h"
#include "epa/defaults/defaults.h"
#include "epa/kerberos/kerberos.h"
#include "epa/ntlm/ntlm.h"

namespace epa::bench {
namespace {

std::shared_ptr<const Credentials> CredentialsFrom(const std::string& scheme,
                                                   const std::string& user,
                                                   const std::string& secret) {
  if (scheme == "NTLM") {
    ntlm::InitiatorOptions options;
    options.user = user;
    options.password = SecretBytes::FromText(secret);
    return Value(ntlm::CreateInitiatorCredentials(std::move(options)));
  }
  ClientPackages packages;
  packages.kerberos.emplace();
  packages.kerberos->credential_cache = secret;
  if (const char* const configuration = std::getenv("KRB5_CONFIG")) {
    packages.kerberos->configuration.path = configuration;
  }
  return Value(CreateClientCredentials(std::move(packages)));
}

double At(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) {
    return 0;
  }
  const auto index = static_cast<size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(index, sorted.size() - 1)];
}

// From PORT to the password or cache.
LoginLoad LoadFrom(const std::vector<std::string>& arguments) {
  LoginLoad load;
  load.port = static_cast<uint16_t>(std::stoi(arguments[0]));
  load.path = arguments[1];
  load.scheme = arguments[2];
  load.target_name = arguments[3];
  if (load.scheme == "Anonymous") {
    load.requests = std::stoi(arguments[4]);
  } else {
    load.credentials = CredentialsFrom(load.scheme, arguments[4], arguments[5]);
  }
  return load;
}

int Measure(const std::vector<std::string>& arguments, LoginFigures (*run)(const LoginLoad&)) {
  LoginLoad load = LoadFrom(arguments);
  load.clients = std::stoi(arguments[6]);
  load.time = std::chrono::duration<double>(std::stod(arguments[7]));
  load.count = std::stoi(arguments[8]);
  load.pause = std::chrono::milliseconds(std::stoi(arguments[9]));
  const LoginFigures figures = run(load);
  std::printf(
      "{\"done\": %zu, \"failed\": %d, \"seconds\": %.4f, \"processor_seconds\": %.4f, "
      "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
      figures.milliseconds.size(), figures.failed, figures.seconds, figures.processor_seconds,
      At(figures.milliseconds, 0.5), At(figures.milliseconds, 0.99), At(figures.milliseconds, 1.0));
  return 0;
}

void SayReadyAndWait() {
  std::puts("ready");
  std::fflush(stdout);
  char octet = 0;
  while (read(STDIN_FILENO, &octet, 1) > 0) {
  }
}

int Hold(const std::vector<std::string>& arguments) {
  LoginLoad load = LoadFrom(arguments);
  load.count = std::stoi(arguments[6]);
  HoldLogins(load, arguments[7] == "half" ? HeldLogin::kHalf : HeldLogin::kWhole, SayReadyAndWait);
  return 0;
}

int RunAttack(const std::vector<std::string>& arguments) {
  AttackLoad load;
  load.port = static_cast<uint16_t>(std::stoi(arguments[0]));
  load.attackers = std::stoi(arguments[1]);
  load.addresses = std::stoi(arguments[2]);
  load.period = std::chrono::milliseconds(static_cast<int>(std::stod(arguments[3]) * 1000));
  std::atomic<bool> enough = false;
  AttackFigures figures;
  std::thread attack([&] { figures = Attack(load, enough); });
  std::this_thread::sleep_for(load.period);
  SayReadyAndWait();
  enough = true;
  attack.join();
  std::printf(
      "{\"connections\": %lu, \"handshakes\": %lu, \"answers\": %lu, \"ended_by_server\": %lu, "
      "\"open\": %lu}\n",
      figures.connections, figures.handshakes, figures.answers, figures.ended_by_server,
      figures.open);
  return 0;
}

}  // namespace
}  // namespace epa::bench

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + std::min(argc, 2), argv + argc);
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "logins" && arguments.size() == 10) {
    return epa::bench::Measure(arguments, epa::bench::RunLogins);
  }
  if (mode == "requests" && arguments.size() == 10) {
    return epa::bench::Measure(arguments, epa::bench::RunRequests);
  }
  if (mode == "hold" && arguments.size() == 8) {
    return epa::bench::Hold(arguments);
  }
  if (mode == "attack" && arguments.size() == 4) {
    return epa::bench::RunAttack(arguments);
  }
  std::fputs("epa_load: see bench/load/main.cc\n", stderr);
  return 2;
}
