// gss-ntlmssp through MIT's GSS-API.
#ifndef EPA_BENCH_PEERS_GSS_NTLMSSP_H_
#define EPA_BENCH_PEERS_GSS_NTLMSSP_H_

#include <memory>

#include "bench/contender.h"

namespace epa::bench {

// Writes an account file and sets the environment variables that gss-ntlmssp reads: call it
// before any thread exists.
std::unique_ptr<Contender> CreateGssNtlmssp();

}  // namespace epa::bench

#endif  // EPA_BENCH_PEERS_GSS_NTLMSSP_H_
