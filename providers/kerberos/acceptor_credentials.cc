#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/acceptor.h"

namespace epa::kerberos {

absl::StatusOr<std::shared_ptr<const Credentials>> CreateAcceptorCredentials(
    AcceptorOptions options) {
  if (options.keytab_path.empty() == options.keytab.empty()) {
    return absl::InvalidArgumentError("a Kerberos acceptor needs one keytab: a path or octets");
  }
  EPA_ASSIGN_OR_RETURN(
      auto pool,
      ContextPool::Create(options.configuration, options.allow_weak_encryption, options.clock));
  absl::StatusOr<KeytabSource> keytab =
      options.keytab.empty()
          ? KeytabSource::FromFile(pool, {.paths = {std::move(options.keytab_path)},
                                          .observer = std::move(options.keytab_observer)})
          : KeytabSource::FromOctets(*pool, options.keytab);
  EPA_RETURN_IF_ERROR(keytab.status());
  for (std::string& service : options.service_principals) {
    service = absl::AsciiStrToLower(service);
  }
  return std::make_shared<AcceptorCredentials>(std::move(pool), *std::move(keytab),
                                               std::move(options.service_principals),
                                               options.replay_cache);
}

}  // namespace epa::kerberos
