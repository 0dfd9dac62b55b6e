#include "epa/defaults/defaults.h"

#include <utility>
#include <vector>

#include "epa/negotiate/negotiate.h"
#include "lib/base/status_macros.h"

namespace epa {
namespace {

using CredentialsList = std::vector<std::shared_ptr<const Credentials>>;

template <typename Options, typename Create>
absl::Status AddIfGiven(std::optional<Options>& options, Create create, CredentialsList& list) {
  if (options.has_value()) {
    EPA_ASSIGN_OR_RETURN(std::shared_ptr<const Credentials> credentials,
                         create(*std::move(options)));
    list.push_back(std::move(credentials));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Credentials>> CreateServerCredentials(
    ServerPackages packages) {
  CredentialsList list;
  EPA_RETURN_IF_ERROR(AddIfGiven(packages.kerberos, kerberos::CreateAcceptorCredentials, list));
  EPA_RETURN_IF_ERROR(AddIfGiven(packages.ntlm, ntlm::CreateAcceptorCredentials, list));
  return negotiate::CreateAcceptorCredentials(std::move(list));
}

absl::StatusOr<std::shared_ptr<const Credentials>> CreateClientCredentials(
    ClientPackages packages) {
  CredentialsList list;
  EPA_RETURN_IF_ERROR(AddIfGiven(packages.kerberos, kerberos::CreateInitiatorCredentials, list));
  EPA_RETURN_IF_ERROR(AddIfGiven(packages.ntlm, ntlm::CreateInitiatorCredentials, list));
  return negotiate::CreateInitiatorCredentials(std::move(list));
}

}  // namespace epa
