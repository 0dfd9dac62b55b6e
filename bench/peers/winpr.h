// WinPR's SSPI (FreeRDP).
#ifndef EPA_BENCH_PEERS_WINPR_H_
#define EPA_BENCH_PEERS_WINPR_H_

#include <memory>

#include "bench/contender.h"

namespace epa::bench {

// Sets WinPR's log level in the environment: call it before any thread exists.
std::unique_ptr<Contender> CreateWinPr();

}  // namespace epa::bench

#endif  // EPA_BENCH_PEERS_WINPR_H_
