// Negotiate: SPNEGO (RFC 4178 with the extensions of [MS-SPNG]) over any security packages.
#ifndef EPA_NEGOTIATE_NEGOTIATE_H_
#define EPA_NEGOTIATE_NEGOTIATE_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/security_package.h"

#pragma GCC visibility push(default)

namespace epa::negotiate {

// "Negotiate".
const PackageInfo& NegotiatePackageInfo();

// Both compose `packages`, preferred first, and know them through the provider interface alone.
// They fail when the list is empty, holds null, or two packages share a mechanism.
//
// An acceptor takes the client's first mechanism it has. It also takes a bare token of one of its
// packages, without SPNEGO around it, and then answers bare; such an exchange has no mechListMIC,
// so a downgrade of the mechanism shows only in which packages are given here. An empty first
// token is answered with the list of mechanisms (NegTokenInit2), as SMB wants it.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateAcceptorCredentials(
    std::vector<std::shared_ptr<const Credentials>> packages);

// An initiator sends the first package's token along with the list. A package that cannot begin
// (no ticket available) is left out of the list; once a list is sent, nothing weaker is tried
// unless the server chose it from that list, and then both sides prove the list (mechListMIC).
absl::StatusOr<std::shared_ptr<const Credentials>> CreateInitiatorCredentials(
    std::vector<std::shared_ptr<const Credentials>> packages);

}  // namespace epa::negotiate

#pragma GCC visibility pop

#endif  // EPA_NEGOTIATE_NEGOTIATE_H_
