#include "tools/epa/serve/sasl_parts.h"

#include <utility>

namespace epa::tool {

sasl::ServerOptions SaslOptionsFrom(const service::ServiceParts& parts,
                                    std::shared_ptr<AuditSink> audit) {
  sasl::ServerOptions options;
  options.kerberos = parts.packages.kerberos;
  options.negotiate = parts.packages.negotiate;
  options.ntlm = parts.packages.ntlm;
  options.policy = parts.policy;
  options.audit = std::move(audit);
  options.offer_in_clear =
      parts.scenario == service::Scenario::kClear || parts.settings.clear_logins;
  return options;
}

bool StartsTlsByCommand(const service::ServiceParts& parts) {
  return parts.settings.tls_start == service::TlsStart::kCommand;
}

}  // namespace epa::tool
