// A service's keys: those of a file as it is now, or given once and for all.
#ifndef EPA_PROVIDERS_KERBEROS_KEYTAB_SOURCE_H_
#define EPA_PROVIDERS_KERBEROS_KEYTAB_SOURCE_H_

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/secret.h"
#include "lib/base/watched_files.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/service_filter.h"
#include "providers/kerberos/service_keys.h"

namespace epa::kerberos {

class KeytabSource {
 public:
  // `watch` names one file. Only the keys of `wanted` services open tickets.
  static absl::StatusOr<KeytabSource> FromFile(std::shared_ptr<ContextPool> pool,
                                               WatchOptions watch, ServiceFilter wanted = {});
  static absl::StatusOr<KeytabSource> FromOctets(ContextPool& pool, const SecretBytes& octets,
                                                 ServiceFilter wanted = {});

  // Makes `workspace` hold the current keys, without a look at the file. Each workspace has its own
  // copy, so that threads do not wait for each other.
  absl::Status Refresh(Workspace& workspace) const;
  // Looks for a change of the file now. OK when the file as it is has taken effect.
  absl::Status Check() const { return file_.has_value() ? file_->Check() : absl::OkStatus(); }

  const ServiceFilter& wanted() const { return wanted_; }

 private:
  explicit KeytabSource(ServiceFilter wanted) : wanted_(std::move(wanted)) {}

  ServiceFilter wanted_;
  std::optional<WatchedFiles<ServiceKeys>> file_;
  std::shared_ptr<const ServiceKeys> given_;  // without a file
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_KEYTAB_SOURCE_H_
