// What a client says of the channel and the service in the AV pairs that its proof covers.
#ifndef EPA_PROVIDERS_NTLM_PAIR_EVIDENCE_H_
#define EPA_PROVIDERS_NTLM_PAIR_EVIDENCE_H_

#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "providers/ntlm/messages/av_pairs.h"

namespace epa::ntlm {

// Only for pairs whose proof holds. False: the target name is not well-formed text.
[[nodiscard]] bool CollectPairEvidence(const AvPairs& pairs, const Channel& channel,
                                       ExtendedProtectionEvidence& evidence);

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_PAIR_EVIDENCE_H_
