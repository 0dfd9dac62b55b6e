// This library through its C interface, libepa-sspi.so.
#ifndef EPA_BENCH_C_ABI_H_
#define EPA_BENCH_C_ABI_H_

#include <memory>
#include <string>

#include "bench/contender.h"

namespace epa::bench {

// NTLM under the same policy as everywhere, with the account that logs in and others. Channel
// bindings are passed in every call, as Windows' documentation has it.
std::unique_ptr<Contender> CreateCAbi(std::string name);

}  // namespace epa::bench

#endif  // EPA_BENCH_C_ABI_H_
