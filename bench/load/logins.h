// Logins over HTTPS, one after another by each of some clients.
#ifndef EPA_BENCH_LOAD_LOGINS_H_
#define EPA_BENCH_LOAD_LOGINS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "epa/core/security_package.h"

namespace epa::bench {

struct LoginLoad {
  uint16_t port = 0;
  std::string path = "/";
  std::string scheme;  // of HTTP: Negotiate or NTLM
  // Null: nobody logs in, and `requests` are asked instead.
  std::shared_ptr<const Credentials> credentials;
  int requests = 0;
  std::string target_name;
  int clients = 1;
  // Until one of them is reached.
  std::chrono::duration<double> time{0};
  int count = 0;
  // Of each client, between its logins.
  std::chrono::milliseconds pause{0};
};

struct LoginFigures {
  std::vector<double> milliseconds;  // of each login that was served
  int failed = 0;
  double seconds = 0;
  double processor_seconds = 0;  // ours
};

// A login is a connection, a whole TLS handshake, the login, the answer, the end.
LoginFigures RunLogins(const LoginLoad& load);

// What is asked on connections that stay, each after one login.
LoginFigures RunRequests(const LoginLoad& load);

enum class HeldLogin : uint8_t { kWhole, kHalf };

// Logs in `count` times, each on a connection of its own, and keeps them open during `wait`.
// kHalf: sends the first message and no more.
void HoldLogins(const LoginLoad& load, HeldLogin login, const std::function<void()>& wait);

}  // namespace epa::bench

#endif  // EPA_BENCH_LOAD_LOGINS_H_
