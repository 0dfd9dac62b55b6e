#include "providers/kerberos/keytab_source.h"

#include <string>
#include <utility>

#include "lib/base/status_macros.h"
#include "providers/kerberos/request_opener.h"

namespace epa::kerberos {
absl::StatusOr<KeytabSource> KeytabSource::FromFile(std::shared_ptr<ContextPool> pool,
                                                    WatchOptions watch, ServiceFilter wanted) {
  watch.max_size = kMaxKeytabSize;
  auto build = [pool = std::move(pool), wanted,
                name = "the keytab " + watch.paths.front()](std::span<const SecretBytes> contents)
      -> absl::StatusOr<std::shared_ptr<const ServiceKeys>> {
    EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool->Acquire());
    return ServiceKeys::Read(lease.context(), contents.front().Expose(), name, wanted);
  };
  KeytabSource source(std::move(wanted));
  EPA_ASSIGN_OR_RETURN(source.file_,
                       WatchedFiles<ServiceKeys>::Create(std::move(watch), std::move(build)));
  return source;
}

absl::StatusOr<KeytabSource> KeytabSource::FromOctets(ContextPool& pool, const SecretBytes& octets,
                                                      ServiceFilter wanted) {
  EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool.Acquire());
  KeytabSource source(std::move(wanted));
  EPA_ASSIGN_OR_RETURN(source.given_, ServiceKeys::Read(lease.context(), octets.Expose(),
                                                        "the keytab", source.wanted_));
  return source;
}

absl::Status KeytabSource::Refresh(Workspace& workspace) const {
  std::shared_ptr<const ServiceKeys> keys = file_.has_value() ? file_->Current() : given_;
  if (workspace.keys == keys) {
    return absl::OkStatus();
  }
  EPA_ASSIGN_OR_RETURN(OwnedKeytab keytab, MakeKeytab(workspace.context, keys->entries()));
  if (workspace.keytab != nullptr) {
    krb5_kt_close(workspace.context, workspace.keytab);
  }
  workspace.sieve = nullptr;
  workspace.opener = nullptr;
  workspace.keytab = keytab.Release();
  workspace.keys = std::move(keys);
  return absl::OkStatus();
}

}  // namespace epa::kerberos
