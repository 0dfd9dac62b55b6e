// What a credentials handle leads to.
#ifndef EPA_LIB_SSPI_CREDENTIALS_H_
#define EPA_LIB_SSPI_CREDENTIALS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"
#include "epa/core/extended_protection.h"
#include "epa/core/security_package.h"
#include "lib/sspi/auth_data.h"
#include "lib/sspi/bindings.h"
#include "lib/sspi/handle_table.h"
#include "lib/sspi/packages.h"

namespace epa::sspi {

// Shared by the contexts made from it, which may outlive the handle.
struct CredentialSet {
  PackagePtr package;
  std::shared_ptr<const Credentials> initiator;  // null unless outbound
  std::shared_ptr<const Credentials> acceptor;   // null unless inbound
  std::shared_ptr<const ExtendedProtectionPolicy> policy;
  std::shared_ptr<AuditSink> audit;
  mutable BindingsReader bindings;
};

using CredentialTable = HandleTable<const CredentialSet>;
// Those of this process.
CredentialTable& TheCredentials();

// "DOMAIN\user", as Windows spells a client.
std::string Joined(const InitiatorName& name);

// Credentials of one of our packages for one role. FailedPrecondition where `data` has nothing for
// it.
absl::StatusOr<std::shared_ptr<const Credentials>> MakeAcceptor(PackageId package,
                                                                const AuthData& data);
absl::StatusOr<std::shared_ptr<const Credentials>> MakeInitiator(PackageId package,
                                                                 const AuthData& data);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_CREDENTIALS_H_
