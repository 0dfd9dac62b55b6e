// gss-ntlmssp through MIT's GSS-API.
#ifndef EPA_BENCH_PEERS_GSS_NTLMSSP_H_
#define EPA_BENCH_PEERS_GSS_NTLMSSP_H_

#include <memory>
#include <string>

#include "bench/contender.h"

namespace epa::bench {

// An account file, and the environment variables that gss-ntlmssp reads: make it before any thread
// exists, and let it outlive the contenders.
class NtlmsspAccounts {
 public:
  NtlmsspAccounts();
  ~NtlmsspAccounts();
  NtlmsspAccounts(const NtlmsspAccounts&) = delete;
  NtlmsspAccounts& operator=(const NtlmsspAccounts&) = delete;

 private:
  void WriteAccounts();

  std::string directory_;
  std::string path_;
};

std::unique_ptr<Contender> CreateGssNtlmssp(std::string name, bool inside_spnego);

}  // namespace epa::bench

#endif  // EPA_BENCH_PEERS_GSS_NTLMSSP_H_
