// The one comparison that decides over a proof or a MIC.
#ifndef EPA_PROVIDERS_NTLM_PROOF_CHECK_H_
#define EPA_PROVIDERS_NTLM_PROOF_CHECK_H_

#include <cstdint>
#include <span>

#include "epa/base/secret.h"

namespace epa::ntlm {

// Constant time. In a fuzzing build everything matches, so that a fuzzer gets past cryptography.
inline bool ProofMatches(std::span<const uint8_t> computed, std::span<const uint8_t> received) {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return computed.size() == received.size();
#else
  return ConstantTimeEquals(computed, received);
#endif
}

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_PROOF_CHECK_H_
