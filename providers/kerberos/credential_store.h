// A client's tickets, and what new ones are got with.
#ifndef EPA_PROVIDERS_KERBEROS_CREDENTIAL_STORE_H_
#define EPA_PROVIDERS_KERBEROS_CREDENTIAL_STORE_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/kerberos/kerberos.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/principal_forms.h"

namespace epa::kerberos {

// What the text of a principal says of a client.
InitiatorName NameOfClient(krb5_context context, krb5_const_principal client);

// Safe for several threads.
class CredentialStore {
 public:
  // Fails unless the options name exactly one source, and on a cache that is there but damaged.
  static absl::StatusOr<std::unique_ptr<CredentialStore>> Create(std::shared_ptr<ContextPool> pool,
                                                                 const InitiatorOptions& options);
  // With a ticket-granting ticket that somebody delegated.
  static absl::StatusOr<std::unique_ptr<CredentialStore>> FromTicket(
      std::shared_ptr<ContextPool> pool, krb5_context context, krb5_creds& ticket);
  CredentialStore(const CredentialStore&) = delete;
  CredentialStore& operator=(const CredentialStore&) = delete;
  ~CredentialStore();

  const std::shared_ptr<ContextPool>& pool() const { return pool_; }
  // Whose tickets these are, in the KDC's spelling once there are any; empty while the cache does
  // not exist. Blocks as Find does.
  InitiatorName Owner() const;
  // Whether looking for a ticket waits for nobody: neither a file nor another process.
  bool in_memory() const { return cache_name_.starts_with("MEMORY:"); }
  absl::StatusOr<OwnedCache> OpenCache(krb5_context context) const;
  // A ticket for `server` from the cache. Blocks unless that is in memory.
  krb5_error_code Find(krb5_context context, krb5_principal server, OwnedCreds& ticket) const;
  // From the KDC if need be. Blocks.
  krb5_error_code Fetch(krb5_context context, krb5_principal server, OwnedCreds& ticket);

 private:
  explicit CredentialStore(std::shared_ptr<ContextPool> pool) : pool_(std::move(pool)) {}

  absl::Status MakeOwnCache(krb5_context context);
  absl::Status CheckCache(krb5_context context) const;
  krb5_error_code Get(krb5_context context, krb5_principal server, krb5_flags how,
                      OwnedCreds& ticket) const;
  bool has_initial_key() const { return !password_.empty() || !keytab_path_.empty(); }
  krb5_error_code RefreshInitialTicket(krb5_context context);
  krb5_error_code GetInitialTicket(krb5_context context, krb5_creds& ticket);
  krb5_error_code GetInitialTicketAs(krb5_context context, const PrincipalForm& form,
                                     krb5_creds& ticket) const;

  std::shared_ptr<ContextPool> pool_;
  std::string cache_name_;
  bool owns_cache_ = false;
  // With neither of the two the cache is all there is.
  SecretBytes password_;  // with a terminator
  std::string keytab_path_;
  bool forwardable_ = false;
  PrincipalForm given_;
  std::mutex initial_mutex_;
  // Once the KDC knew one, that one alone.
  std::vector<PrincipalForm> forms_;
  krb5_timestamp initial_ends_ = 0;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_CREDENTIAL_STORE_H_
