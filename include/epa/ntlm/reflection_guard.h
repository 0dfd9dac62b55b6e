// Protection against being made to log in to oneself.
#ifndef EPA_NTLM_REFLECTION_GUARD_H_
#define EPA_NTLM_REFLECTION_GUARD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "epa/base/random.h"

#pragma GCC visibility push(default)

namespace epa::ntlm {

// Shared by a process' acceptor and initiator credentials. The acceptors record the challenges
// they issue, and an initiator refuses to answer one of them; an initiator marks its responses
// with this machine's identifier (MsvAvSingleHost, [MS-NLMP] 2.2.2.2), and an acceptor refuses
// them. A process that wants to log in to itself gives its credentials no guard.
// Safe for use by several threads.
class ReflectionGuard {
 public:
  // Remembers the last `capacity` challenges. `random` is used here only.
  explicit ReflectionGuard(size_t capacity = 4096, const RandomSource& random = SystemRandom());

  void RecordIssued(std::span<const uint8_t, 8> server_challenge);
  bool IsOurs(std::span<const uint8_t, 8> server_challenge) const;

  // [MS-NLMP] 2.2.2.2 MachineID: 256 random bits.
  std::span<const uint8_t, 32> machine_id() const { return machine_id_; }

 private:
  std::array<uint8_t, 32> machine_id_;
  mutable std::mutex mutex_;
  std::vector<uint64_t> recent_;
  size_t next_ = 0;
};

}  // namespace epa::ntlm

#pragma GCC visibility pop

#endif  // EPA_NTLM_REFLECTION_GUARD_H_
