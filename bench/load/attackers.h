// Clients that connect, say something from time to time, and never log in.
#ifndef EPA_BENCH_LOAD_ATTACKERS_H_
#define EPA_BENCH_LOAD_ATTACKERS_H_

#include <atomic>
#include <chrono>
#include <cstdint>

namespace epa::bench {

struct AttackLoad {
  uint16_t port = 0;
  int attackers = 1;
  // 127.0.1.1 and the next ones.
  int addresses = 1;
  // Each of them acts once in it: connects, and asks for the page, or sends the first message of a
  // login; connects again where the server ended its connection.
  std::chrono::milliseconds period{20'000};
};

struct AttackFigures {
  uint64_t connections = 0;
  uint64_t handshakes = 0;
  uint64_t answers = 0;
  uint64_t ended_by_server = 0;
  uint64_t open = 0;  // in the end
};

// Until `enough`.
AttackFigures Attack(const AttackLoad& load, const std::atomic<bool>& enough);

}  // namespace epa::bench

#endif  // EPA_BENCH_LOAD_ATTACKERS_H_
