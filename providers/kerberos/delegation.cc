#include "providers/kerberos/delegation.h"

#include <utility>

#include "providers/kerberos/credential_store.h"
#include "providers/kerberos/initiator_credentials.h"

namespace epa::kerberos {

std::shared_ptr<const Credentials> TakeDelegated(krb5_context context,
                                                 const std::shared_ptr<ContextPool>& pool,
                                                 const ApRequest& request,
                                                 std::span<const uint8_t> delegated) {
  // Neither times nor numbers: the authenticator around it vouches for both.
  krb5_auth_con_setflags(context, request.auth.get(), 0);
  const krb5_data data = ViewOf(delegated);
  OwnedCredsList list(context);
  if (krb5_rd_cred(context, request.auth.get(), const_cast<krb5_data*>(&data), list.out(),
                   nullptr) != 0 ||
      !list || list.get()[0] == nullptr) {
    return nullptr;
  }
  auto store = CredentialStore::FromTicket(pool, context, *list.get()[0]);
  if (!store.ok()) {
    return nullptr;
  }
  return std::make_shared<InitiatorCredentials>(*std::move(store), InitiatorPolicy{});
}

}  // namespace epa::kerberos
