#include <utility>

#include "epa/sasl/server_exchange.h"
#include "lib/base/status_macros.h"
#include "lib/sasl/layer_negotiation.h"
#include "lib/sasl/packages.h"

namespace epa::sasl {

absl::StatusOr<std::shared_ptr<const ServerConfig>> ServerConfig::Create(ServerOptions options) {
  if (options.policy == nullptr) {
    return absl::InvalidArgumentError("a SASL server needs an extended-protection policy");
  }
  EPA_RETURN_IF_ERROR(CheckAudit(*options.policy, options.audit));
  if (options.max_message < kLeastMessage || options.max_message > kMostTold) {
    return absl::InvalidArgumentError("max_message is from 4096 to 16777215");
  }
  if (options.offer_in_clear) {
    EPA_RETURN_IF_ERROR(options.policy->CheckChannel(ChannelKind::kPlain));
  }
  std::shared_ptr<const ServerConfig> config(new ServerConfig(std::move(options)));
  bool any = false;
  for (const MechanismType mechanism : kMechanismTypes) {
    if (const auto& credentials = config->CredentialsOf(mechanism); credentials != nullptr) {
      EPA_RETURN_IF_ERROR(CheckPackage(mechanism, credentials));
      any = true;
    }
  }
  if (!any) {
    return absl::InvalidArgumentError("a SASL server needs credentials of a mechanism");
  }
  return config;
}

const std::shared_ptr<const Credentials>& ServerConfig::CredentialsOf(
    MechanismType mechanism) const {
  switch (mechanism) {
    case MechanismType::kGssapi:
      return options_.kerberos;
    case MechanismType::kGssSpnego:
      return options_.negotiate;
    case MechanismType::kNtlm:
      break;
  }
  return options_.ntlm;
}

std::vector<MechanismType> ServerConfig::Offered(const Channel& channel) const {
  std::vector<MechanismType> offered;
  if (channel.kind() == ChannelKind::kPlain && !options_.offer_in_clear) {
    return offered;
  }
  for (const MechanismType mechanism : kMechanismTypes) {
    if (CredentialsOf(mechanism) != nullptr) {
      offered.push_back(mechanism);
    }
  }
  return offered;
}

}  // namespace epa::sasl
