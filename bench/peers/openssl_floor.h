// The cryptography of an NTLMv2 login and of sealing by OpenSSL alone: what is left when parsing,
// policy and bookkeeping cost nothing. Algorithms fetched once, contexts reused.
#ifndef EPA_BENCH_PEERS_OPENSSL_FLOOR_H_
#define EPA_BENCH_PEERS_OPENSSL_FLOOR_H_

#include <memory>
#include <string>

#include "bench/contender.h"

namespace epa::bench {

// Octets that a server hashes for one login.
struct FloorSizes {
  size_t proof = 408;        // server challenge and NTLMv2_CLIENT_CHALLENGE
  size_t mic = 1024;         // the three messages
  size_t binding_data = 73;  // the serialised channel bindings
};

// The server's half only: Negotiate and Authenticate do nothing.
std::unique_ptr<Contender> CreateOpenSslFloor(std::string name, const FloorSizes& sizes);

}  // namespace epa::bench

#endif  // EPA_BENCH_PEERS_OPENSSL_FLOOR_H_
