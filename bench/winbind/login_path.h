// Ways for an NTLM login to reach whoever verifies it.
#ifndef EPA_BENCH_WINBIND_LOGIN_PATH_H_
#define EPA_BENCH_WINBIND_LOGIN_PATH_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "epa/core/channel.h"

namespace epa::bench {

// One connection, which logs in again and again. Used by one thread.
class LoginPath {
 public:
  virtual ~LoginPath() = default;
  // What the client has to bind.
  virtual const Channel& channel() const = 0;
  virtual std::vector<uint8_t> Challenge(std::span<const uint8_t> negotiate) = 0;
  // Who works for it.
  virtual pid_t process() const = 0;
  // Whether the user is in.
  virtual bool Authenticate(std::span<const uint8_t> authenticate) = 0;
};

// A TLS connection to `epa serve https`, which is that process.
std::unique_ptr<LoginPath> ConnectToServer(const std::string& port, pid_t process);
// A child that is told `--helper-protocol=squid-2.5-ntlmssp` besides.
std::unique_ptr<LoginPath> StartHelper(std::vector<std::string> command);

}  // namespace epa::bench

#endif  // EPA_BENCH_WINBIND_LOGIN_PATH_H_
