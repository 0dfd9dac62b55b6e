// This library.
#ifndef EPA_BENCH_OURS_H_
#define EPA_BENCH_OURS_H_

#include <memory>
#include <string>
#include <vector>

#include "bench/contender.h"
#include "epa/ntlm/authority.h"

namespace epa::bench {

// When the keys and states for signing and sealing are made: on first use, as a server does that
// only authenticates, or in every login, as the peers do.
enum class ProtectionKeys { kOnFirstUse, kInEveryLogin };

// `accounts` accounts, the one that logs in among them.
std::unique_ptr<Contender> CreateOurs(std::string name, size_t accounts,
                                      ProtectionKeys keys = ProtectionKeys::kOnFirstUse);

// In front the account that logs in, then "1user", "2user"...
std::vector<ntlm::Account> MakeAccounts(size_t count);

}  // namespace epa::bench

#endif  // EPA_BENCH_OURS_H_
