// Both ends of an NTLM exchange for fuzzers: the same input, the same run.
#ifndef EPA_FUZZ_NTLM_FUZZ_SETUP_H_
#define EPA_FUZZ_NTLM_FUZZ_SETUP_H_

#include <cstdint>
#include <memory>

#include "epa/core/security_context.h"

namespace epa::fuzz {

class CountingSink {
 public:
  CountingSink();
  int events() const;
  std::shared_ptr<AuditSink> sink() const { return sink_; }

 private:
  std::shared_ptr<AuditSink> sink_;
};

// Bits of `options`: 0 and 1 the mode, 2 a clear channel, 3 audit-only, 4 anonymous and guests
// (not in mode 2), 5 a pending authority, 6 a MIC is required.
std::unique_ptr<SecurityContext> NewAcceptor(uint8_t options, const CountingSink& sink);
const std::shared_ptr<const Credentials>& AcceptorCredentialsOf(uint8_t options);
std::unique_ptr<SecurityContext> NewAcceptor(uint8_t options, const CountingSink& sink,
                                             std::shared_ptr<const Credentials> credentials);

// Bits of `options`: 0 signing, 1 sealing, 2 no binding, 3 an explicit none, 4 untrusted name,
// 5 short keys are taken.
std::unique_ptr<SecurityContext> NewInitiator(uint8_t options);
const std::shared_ptr<const Credentials>& InitiatorCredentialsOf(uint8_t options);
std::unique_ptr<SecurityContext> NewInitiator(uint8_t options,
                                              std::shared_ptr<const Credentials> credentials);
bool WantsSigning(uint8_t options);

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_NTLM_FUZZ_SETUP_H_
