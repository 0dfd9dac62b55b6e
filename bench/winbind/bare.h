// libwbclient called in a loop, and this library's authority in its place.
#ifndef EPA_BENCH_WINBIND_BARE_H_
#define EPA_BENCH_WINBIND_BARE_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "epa/ntlm/authority.h"

namespace epa::bench {

// A request that outlives its login: a controller verifies one as often as it is asked.
struct KeptRequest {
  std::string user;
  std::string domain;
  std::array<uint8_t, 8> challenge{};
  std::vector<uint8_t> nt_response;

  ntlm::LogonRequest View() const;
};

// Logins a second, on so many threads.
double BareLogins(const KeptRequest& request, int threads, std::chrono::milliseconds time);
// On one that is not the caller's: what it costs to be able to stop waiting for libwbclient, which
// takes no deadline.
double HandedOverLogins(const KeptRequest& request, std::chrono::milliseconds time);
// On one.
double AuthorityLogins(const ntlm::NtlmAuthority& authority, const KeptRequest& request,
                       std::chrono::milliseconds time);

}  // namespace epa::bench

#endif  // EPA_BENCH_WINBIND_BARE_H_
