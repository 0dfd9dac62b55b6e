// What most programs want: Negotiate over Kerberos and NTLM, Kerberos preferred.
#ifndef EPA_DEFAULTS_DEFAULTS_H_
#define EPA_DEFAULTS_DEFAULTS_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "epa/core/security_package.h"
#include "epa/kerberos/kerberos.h"
#include "epa/ntlm/ntlm.h"

#pragma GCC visibility push(default)

namespace epa {

// Either part may be left out: the package is then not offered, and not accepted either.
struct ServerPackages {
  std::optional<kerberos::AcceptorOptions> kerberos;
  std::optional<ntlm::AcceptorOptions> ntlm;
};

// A server's Negotiate. Fails when both parts are left out, and where a package's own function
// (kerberos::CreateAcceptorCredentials, ntlm::CreateAcceptorCredentials) does.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateServerCredentials(ServerPackages packages);

struct ClientPackages {
  std::optional<kerberos::InitiatorOptions> kerberos;
  std::optional<ntlm::InitiatorOptions> ntlm;
};

// A client's Negotiate: logs in by NTLM only where no Kerberos ticket for the service can be had
// or the server asks for it. Fails as above.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateClientCredentials(ClientPackages packages);

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_DEFAULTS_DEFAULTS_H_
