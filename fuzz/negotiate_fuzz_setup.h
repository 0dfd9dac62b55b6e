// Both ends of a negotiation for fuzzers: the same input, the same run.
#ifndef EPA_FUZZ_NEGOTIATE_FUZZ_SETUP_H_
#define EPA_FUZZ_NEGOTIATE_FUZZ_SETUP_H_

#include <cstdint>
#include <memory>

#include "epa/core/security_context.h"
#include "fuzz/ntlm_fuzz_setup.h"

namespace epa::fuzz {

// NTLM and a package without cryptography (1.2.99.1). Bits of `options`: 7 a server has NTLM alone
// and a client prefers it, 6 the package without cryptography demands the mechListMIC; the rest as
// NewAcceptor and NewInitiator have them.
std::unique_ptr<SecurityContext> NewNegotiateAcceptor(uint8_t options, const CountingSink& sink);
std::unique_ptr<SecurityContext> NewNegotiateInitiator(uint8_t options);

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_NEGOTIATE_FUZZ_SETUP_H_
