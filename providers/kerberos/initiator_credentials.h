// A client's credentials and the policy that goes with them.
#ifndef EPA_PROVIDERS_KERBEROS_INITIATOR_CREDENTIALS_H_
#define EPA_PROVIDERS_KERBEROS_INITIATOR_CREDENTIALS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "epa/core/security_package.h"
#include "epa/kerberos/kerberos.h"
#include "providers/kerberos/credential_store.h"

namespace epa::kerberos {

struct InitiatorPolicy {
  bool mutual_authentication = true;
  bool delegate = false;
  bool port_in_principal = false;
  uint32_t suppress_extended_protection = 0;
};

class InitiatorCredentials : public Credentials {
 public:
  InitiatorCredentials(std::unique_ptr<CredentialStore> store, const InitiatorPolicy& policy)
      : store_(std::move(store)), policy_(policy) {}

  const PackageInfo& package() const override { return KerberosPackageInfo(); }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateInitiator(
      const Channel& channel, InitiatorParameters parameters) const override;
  InitiatorName initiator_name() const override { return store_->Owner(); }
  bool RecognizesToken(std::span<const uint8_t>) const override { return false; }

  CredentialStore& store() const { return *store_; }
  const InitiatorPolicy& policy() const { return policy_; }

 private:
  std::unique_ptr<CredentialStore> store_;
  InitiatorPolicy policy_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_INITIATOR_CREDENTIALS_H_
