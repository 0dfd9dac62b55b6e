// Both ends of SASL for fuzzers, over the fake package.
#ifndef EPA_FUZZ_SASL_FUZZ_SETUP_H_
#define EPA_FUZZ_SASL_FUZZ_SETUP_H_

#include <memory>

#include "epa/sasl/client_exchange.h"
#include "epa/sasl/server_exchange.h"

namespace epa::fuzz {

// All mechanisms, in the clear, too. Kerberos' tokens are "mutual USER" or "login USER".
sasl::ServerOptions FakeSaslServer();
std::shared_ptr<const sasl::ServerConfig> FakeSaslConfig();
// Its first token is "hello", its last "login alice".
sasl::ClientOptions FakeSaslClient(sasl::MechanismType mechanism);

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_SASL_FUZZ_SETUP_H_
