// SMB logins over loopback TCP: `epa serve smb` beside Samba's smbd, the same client for both.
#ifndef EPA_BENCH_SMB_LOGINS_H_
#define EPA_BENCH_SMB_LOGINS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/runner.h"

namespace epa::bench {

// A server in a process of its own, with one account; ends with this object.
class SmbServer {
 public:
  virtual ~SmbServer() = default;
  virtual const std::string& name() const = 0;
  virtual uint16_t port() const = 0;
};

// Both with the share "docs" and one account with kPassword, the same. Made on the thread that
// lives longest.
std::unique_ptr<SmbServer> StartOurSmbServer();
std::unique_ptr<SmbServer> StartSamba();

// Logins a second of wall-clock time, one figure a round; index i is the same round for every
// server. A login is a connection, NEGOTIATE of 3.1.1, NTLMv2 inside Negotiate with signing, and
// the end of the connection.
struct SmbSeries {
  std::string name;
  std::vector<double> one_client;
  std::vector<double> two_clients;
};

std::vector<SmbSeries> CompareSmbLogins(const std::vector<const SmbServer*>& servers,
                                        const Effort& effort);

}  // namespace epa::bench

#endif  // EPA_BENCH_SMB_LOGINS_H_
