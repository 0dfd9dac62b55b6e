// What an AP-REQ proves: the one place that makes evidence of it, for the acceptor and for whoever
// leaves the login itself to somebody else.
#ifndef EPA_PROVIDERS_KERBEROS_INSPECTION_H_
#define EPA_PROVIDERS_KERBEROS_INSPECTION_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/security_package.h"
#include "providers/kerberos/ap_request.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/gss_framing.h"
#include "providers/kerberos/keytab_source.h"
#include "providers/kerberos/ticket_identity.h"

namespace epa::kerberos {

// What an operator sets; shared by all threads.
struct InspectionRules {
  KeytabSource keytab;
  bool allow_weak_encryption = false;
  // The operator's word that no service but this one has the keytab's keys.
  bool exclusive_key = false;
  // Only accounts that a verified PAC names.
  bool require_pac = false;
};

struct Inspection {
  explicit Inspection(krb5_context context) : request(context) {}

  TicketNames names;  // lie in the message
  ApRequest request;
  ClientChecksum checksum;  // lies in `request`
  ExtendedProtectionEvidence evidence;
  TicketIdentity identity;
};

// What a request is opened for.
enum class RequestUse : uint8_t {
  kInspection,          // a look, without an answer: as often as one likes
  kLogin,               // the caller looks for replays
  kLoginInSharedCache,  // libkrb5's: a request that is there already is refused
};

// The two halves of an inspection. kVerified without a token: go on, or `out` is complete; else
// kRejected. An error is a fault of ours.
//
// Opens `message`, an AP-REQ, with the keytab's keys. Blocks where a cache on disk is asked.
absl::StatusOr<MechanismResult> OpenRequest(Workspace& workspace, const InspectionRules& rules,
                                            std::span<const uint8_t> message, RequestUse use,
                                            Inspection& out);
// What the opened request proves about this channel. `message` is still there.
absl::StatusOr<MechanismResult> CollectEvidence(Workspace& workspace, const InspectionRules& rules,
                                                const Channel& channel, Inspection& out);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_INSPECTION_H_
