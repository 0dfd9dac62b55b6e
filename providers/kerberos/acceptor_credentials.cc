#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/acceptor.h"

namespace epa::kerberos {

absl::StatusOr<AcceptorParts> ReadAcceptorOptions(AcceptorOptions& options) {
  if (options.keytab_path.empty() == options.keytab.empty()) {
    return absl::InvalidArgumentError("a Kerberos acceptor needs one keytab: a path or octets");
  }
  if (options.keytab_path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("the keytab's path contains a zero character");
  }
  EPA_ASSIGN_OR_RETURN(
      auto pool,
      ContextPool::Create(options.configuration, options.allow_weak_encryption, options.clock));
  ServiceFilter wanted(std::move(options.service_principals));
  absl::StatusOr<KeytabSource> keytab =
      options.keytab.empty()
          ? KeytabSource::FromFile(pool,
                                   {.paths = {std::move(options.keytab_path)},
                                    .observer = std::move(options.keytab_observer)},
                                   std::move(wanted))
          : KeytabSource::FromOctets(*pool, options.keytab, std::move(wanted));
  EPA_RETURN_IF_ERROR(keytab.status());
  InspectionRules rules{.keytab = *std::move(keytab),
                        .allow_weak_encryption = options.allow_weak_encryption,
                        .exclusive_key = options.exclusive_key,
                        .require_pac = options.require_pac};
  return AcceptorParts{std::move(pool), std::move(rules)};
}

absl::StatusOr<std::shared_ptr<const Credentials>> CreateAcceptorCredentials(
    AcceptorOptions options) {
  EPA_ASSIGN_OR_RETURN(AcceptorParts parts, ReadAcceptorOptions(options));
  return std::make_shared<AcceptorCredentials>(std::move(parts.pool), std::move(parts.rules),
                                               options.replay_cache);
}

}  // namespace epa::kerberos
