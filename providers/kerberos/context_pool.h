// krb5 contexts, which serve one thread at a time and are expensive to create.
#ifndef EPA_PROVIDERS_KERBEROS_CONTEXT_POOL_H_
#define EPA_PROVIDERS_KERBEROS_CONTEXT_POOL_H_

#include <krb5/krb5.h>

#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/kerberos/kerberos.h"
#include "providers/kerberos/configuration_tree.h"
#include "providers/kerberos/key_sieve.h"
#include "providers/kerberos/service_keys.h"

namespace epa::kerberos {

class RequestOpener;

// What one thread works with.
struct Workspace {
  Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace();

  krb5_context context = nullptr;
  // The service's keys as a keytab, filled by KeytabSource.
  std::shared_ptr<const ServiceKeys> keys;
  krb5_keytab keytab = nullptr;
  // Of `keys`, made when first needed.
  std::unique_ptr<KeySieve> sieve;
  std::unique_ptr<RequestOpener> opener;
};

class ContextPool : public std::enable_shared_from_this<ContextPool> {
 public:
  // A workspace of one's own until it is destroyed. Keeps the pool alive.
  class Lease {
   public:
    Lease(std::shared_ptr<ContextPool> pool, std::unique_ptr<Workspace> workspace)
        : pool_(std::move(pool)), workspace_(std::move(workspace)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    krb5_context context() const { return workspace_->context; }
    Workspace& workspace() const { return *workspace_; }

   private:
    std::shared_ptr<ContextPool> pool_;
    std::unique_ptr<Workspace> workspace_;
  };

  // Reads the configuration; nothing does later.
  static absl::StatusOr<std::shared_ptr<ContextPool>> Create(const Configuration& configuration,
                                                             bool allow_weak_encryption,
                                                             const Clock* clock);

  absl::StatusOr<Lease> Acquire();
  bool allow_weak_encryption() const { return allow_weak_encryption_; }
  // In seconds; `clockskew` of the configuration.
  int clock_skew() const { return clock_skew_; }
  // Whether the configuration alone tells the realm of a host, no module of an operator's, which
  // may ask anybody.
  bool knows_host_realms() const { return knows_host_realms_; }

 private:
  ContextPool(std::shared_ptr<const ConfigurationTree> configuration, bool allow_weak_encryption,
              const Clock* clock)
      : configuration_(std::move(configuration)),
        allow_weak_encryption_(allow_weak_encryption),
        clock_(clock) {}

  absl::StatusOr<std::unique_ptr<Workspace>> MakeWorkspace();
  void Return(std::unique_ptr<Workspace> workspace);

  const std::shared_ptr<const ConfigurationTree> configuration_;
  bool allow_weak_encryption_;
  const Clock* clock_;  // null: the system's, as libkrb5 reads it
  int clock_skew_ = 0;
  bool knows_host_realms_ = true;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> free_;
};

// Whether an encryption type is one of those that `allow_weak_encryption` is about.
bool IsWeakEncryption(krb5_enctype type);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_CONTEXT_POOL_H_
