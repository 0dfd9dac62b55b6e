#include "tools/epa/serve/server_transport.h"

#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

ServerTransportOptions TransportFor(const ExtendedProtectionPolicy& policy,
                                    std::vector<KeyPairFiles> key_pairs,
                                    std::optional<tls::UndefinedHashRule> rule) {
  ServerTransportOptions options;
  options.key_pairs = std::move(key_pairs);
  const bool behind_proxy = policy.options().scenario == ProtectionScenario::kTrustedProxy;
  if (behind_proxy) {
    options.fixed_channel = std::make_shared<const Channel>(Channel::TrustedProxy());
  }
  // Where nothing is compared with it, a certificate without a binding does no harm.
  const bool compared = policy.mode() != ExtendedProtectionMode::kLegacy && !behind_proxy;
  const bool needed = compared && policy.mode() == ExtendedProtectionMode::kRequire;
  options.undefined_hash_rule =
      rule.value_or(needed ? tls::UndefinedHashRule::kFail : tls::UndefinedHashRule::kUnbound);
  options.warn_of_unbound = compared;
  return options;
}

absl::StatusOr<std::unique_ptr<ServerTransport>> ServerTransport::Create(
    ServerTransportOptions options, std::string_view application_protocol) {
  std::unique_ptr<ServerTransport> transport(new ServerTransport(std::move(options.fixed_channel)));
  if (!options.key_pairs.empty()) {
    EPA_ASSIGN_OR_RETURN(
        transport->tls_,
        ServerTls::Create(options.key_pairs, options.undefined_hash_rule, application_protocol));
    if (options.warn_of_unbound) {
      for (const std::string& certificate : transport->tls_->unbound_certificates()) {
        Warn(certificate + ": logins are not bound to their channel");
      }
    }
  }
  return transport;
}

std::unique_ptr<ServerTransport> ServerTransport::Clear() {
  return std::unique_ptr<ServerTransport>(new ServerTransport(nullptr));
}

absl::StatusOr<Channel> ServerTransport::ChannelOf(const ServerTls* tls, SSL* ssl) const {
  if (fixed_channel_ != nullptr) {
    return *fixed_channel_;
  }
  return tls == nullptr ? Channel::Plain() : tls->ChannelOf(ssl);
}

}  // namespace epa::tool
