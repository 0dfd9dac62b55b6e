// Two ends of ours fed against each other, with somebody in between, for fuzzers.
#ifndef EPA_FUZZ_PAIR_SETUP_H_
#define EPA_FUZZ_PAIR_SETUP_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "epa/core/security_context.h"

namespace epa::fuzz {

// In a fuzzing build a changed message may be taken for a right one.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
inline constexpr bool kProofsAreChecked = false;
#else
inline constexpr bool kProofsAreChecked = true;
#endif

// What becomes of the messages on their way. Five octets of the input are one change: the number of
// the message, counted from 0 on in both directions; what is done (an octet is flipped, set,
// inserted or left out, all from there on is left out, or the message before is sent in its place);
// where (two octets, little-endian, modulo the message's length); and with which octet.
class Tampering {
 public:
  explicit Tampering(std::span<const uint8_t> changes) : changes_(changes) {}

  std::vector<uint8_t> Deliver(std::vector<uint8_t> message);
  // Whether a message arrived otherwise than it was sent.
  bool happened() const { return happened_; }

 private:
  std::span<const uint8_t> changes_;
  std::vector<uint8_t> previous_;
  size_t count_ = 0;
  bool happened_ = false;
};

struct PairOutcome {
  // Each is established and let nobody in who proved nothing.
  bool client = false;
  bool server = false;
  // Both have the same key, and messages pass between them in both directions.
  bool talked = false;
};

// Logs `client` in to `server`, and lets them talk where they agreed on signatures. Requires that
// an end is final and that whatever arrives is what was said.
PairOutcome RunPair(SecurityContext& client, SecurityContext& server, Tampering& tampering);

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_PAIR_SETUP_H_
