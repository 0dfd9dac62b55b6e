// How a negotiation came to its mechanism, for the audit event.
#ifndef EPA_PROVIDERS_NEGOTIATE_RECORD_H_
#define EPA_PROVIDERS_NEGOTIATE_RECORD_H_

#include <optional>
#include <span>

#include "epa/core/negotiation_record.h"
#include "providers/negotiate/mechanisms.h"
#include "providers/negotiate/neg_token.h"

namespace epa::negotiate {

// `mech_types_der`: the client's list as it was parsed; empty for a bare token. `taken`: null for
// none.
NegotiationRecord RecordOf(const Packages& packages, Octets mech_types_der,
                           const Credentials* taken);

}  // namespace epa::negotiate

#endif  // EPA_PROVIDERS_NEGOTIATE_RECORD_H_
