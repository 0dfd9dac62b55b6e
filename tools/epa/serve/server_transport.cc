#include "tools/epa/serve/server_transport.h"

#include <utility>

#include "lib/base/status_macros.h"

namespace epa::tool {

ServerTransportOptions TransportFor(const ExtendedProtectionPolicy& policy,
                                    std::vector<KeyPairFiles> key_pairs) {
  ServerTransportOptions options;
  options.key_pairs = std::move(key_pairs);
  if (policy.options().scenario == ProtectionScenario::kTrustedProxy) {
    options.fixed_channel = std::make_shared<const Channel>(Channel::TrustedProxy());
  }
  if (policy.mode() == ExtendedProtectionMode::kLegacy) {
    // Nothing is compared, so a certificate without a binding does no harm.
    options.undefined_hash_rule = tls::UndefinedHashRule::kUnbound;
  }
  return options;
}

absl::StatusOr<std::unique_ptr<ServerTransport>> ServerTransport::Create(
    ServerTransportOptions options, std::string_view application_protocol) {
  std::unique_ptr<ServerTransport> transport(new ServerTransport(std::move(options.fixed_channel)));
  if (!options.key_pairs.empty()) {
    EPA_ASSIGN_OR_RETURN(
        transport->tls_,
        ServerTls::Create(options.key_pairs, options.undefined_hash_rule, application_protocol));
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
