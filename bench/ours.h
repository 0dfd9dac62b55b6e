// This library.
#ifndef EPA_BENCH_OURS_H_
#define EPA_BENCH_OURS_H_

#include <memory>
#include <string>

#include "bench/contender.h"
#include "epa/core/security_package.h"

namespace epa::bench {

// When the keys for signing and sealing are made: on first use, as a server does that only
// authenticates, or in every login, as the peers do. The states of ciphers come with the first
// message either way.
enum class ProtectionKeys { kOnFirstUse, kInEveryLogin };

// Messages are sealed in place with the signature beside them, or wrapped in one piece, gss_wrap's
// shape, or that in SASL's security layer.
enum class MessageShape { kInPlace, kWrapped, kInSaslLayer };

struct OurLogin {
  std::string name;
  std::shared_ptr<const Credentials> client;
  std::shared_ptr<const Credentials> server;
  size_t legs = 0;
  ProtectionKeys keys = ProtectionKeys::kOnFirstUse;
  MessageShape shape = MessageShape::kInPlace;
};

std::unique_ptr<Contender> CreateOurs(OurLogin login);

}  // namespace epa::bench

#endif  // EPA_BENCH_OURS_H_
