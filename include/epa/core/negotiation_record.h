// What a client of Negotiate offered, what was taken, and why nothing better: for the audit event.
#ifndef EPA_CORE_NEGOTIATION_RECORD_H_
#define EPA_CORE_NEGOTIATION_RECORD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace epa {

enum class PassedOverReason : uint8_t {
  kNotOffered,     // this side prefers it; the client does not offer it
  kOfferedLater,   // this side prefers it; the client prefers what was taken
  kNotSupported,   // the client prefers it; this side does not have it
  kNotNegotiated,  // this side prefers it; the client sent a token of its mechanism without a list
};
// A stable lower-case name such as "not_offered".
std::string_view PassedOverReasonName(PassedOverReason reason);

// A mechanism is named by its package, "Kerberos", or by its object identifier, "1.3.6.1.5.2.5",
// where no package here has it.
struct PassedOverMechanism {
  std::string mechanism;
  PassedOverReason reason = PassedOverReason::kNotOffered;
};

// The client's word about its list, which the mechListMIC covers where one is exchanged.
struct NegotiationRecord {
  // In the client's order. Empty where it sent a mechanism's token without a list.
  std::vector<std::string> offered;
  // Empty where nothing was taken.
  std::string taken;
  // What either side prefers to what was taken: the client's first, each in its side's order.
  std::vector<PassedOverMechanism> passed_over;
};

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_NEGOTIATION_RECORD_H_
