// The running hash over all that is said before a session has its key.
#ifndef EPA_LIB_SMB2_PREAUTH_HASH_H_
#define EPA_LIB_SMB2_PREAUTH_HASH_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "lib/crypto/digest.h"

namespace epa::smb2 {

// [MS-SMB2] 3.3.5.4: PreauthIntegrityHashValue. Starts as zeros and takes in whole messages, from
// the protocol id on. Copied when a session begins.
class PreauthHash {
 public:
  PreauthHash() = default;
  // As it is after messages that were hashed elsewhere.
  explicit PreauthHash(std::span<const uint8_t, 64> value) {
    std::copy(value.begin(), value.end(), value_.begin());
  }

  void Update(std::span<const uint8_t> message) { value_ = crypto::Sha512({value_, message}); }
  std::span<const uint8_t, 64> value() const { return value_; }

 private:
  std::array<uint8_t, 64> value_{};
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_PREAUTH_HASH_H_
