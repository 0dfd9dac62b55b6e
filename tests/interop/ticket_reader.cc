// ticket_reader KRB5_CONF CREDENTIAL_CACHE KEYTAB TARGET_NAME: logs in to itself with Kerberos and
// prints what the server's side learnt from the ticket, in JSON.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/security_context.h"
#include "epa/kerberos/kerberos.h"
#include "lib/base/status_macros.h"

namespace epa {
namespace {

struct Arguments {
  std::string configuration;
  std::string credential_cache;
  std::string keytab;
  std::string target_name;
};

absl::StatusOr<std::unique_ptr<SecurityContext>> MakeClient(const Arguments& arguments) {
  kerberos::InitiatorOptions credentials;
  credentials.configuration.path = arguments.configuration;
  credentials.credential_cache = "FILE:" + arguments.credential_cache;
  InitiateOptions options;
  EPA_ASSIGN_OR_RETURN(options.credentials,
                       kerberos::CreateInitiatorCredentials(std::move(credentials)));
  options.channel = Channel::Plain();
  options.parameters.target_name = arguments.target_name;
  return SecurityContext::Initiate(std::move(options));
}

absl::StatusOr<std::unique_ptr<SecurityContext>> MakeServer(const Arguments& arguments) {
  kerberos::AcceptorOptions credentials;
  credentials.configuration.path = arguments.configuration;
  credentials.keytab_path = arguments.keytab;
  credentials.replay_cache = kerberos::ReplayCache::kInProcess;
  AcceptOptions options;
  EPA_ASSIGN_OR_RETURN(options.credentials,
                       kerberos::CreateAcceptorCredentials(std::move(credentials)));
  ExtendedProtectionOptions policy;
  policy.mode = ExtendedProtectionMode::kLegacy;
  EPA_ASSIGN_OR_RETURN(ExtendedProtectionPolicy legacy,
                       ExtendedProtectionPolicy::Create(std::move(policy)));
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(std::move(legacy));
  options.channel = Channel::Plain();
  options.audit = NoAudit();
  return SecurityContext::Accept(std::move(options));
}

absl::StatusOr<PeerIdentity> LogIn(const Arguments& arguments) {
  EPA_ASSIGN_OR_RETURN(const auto client, MakeClient(arguments));
  EPA_ASSIGN_OR_RETURN(const auto server, MakeServer(arguments));
  std::vector<uint8_t> token;
  for (bool ours = true; ours || !token.empty(); ours = !ours) {
    EPA_ASSIGN_OR_RETURN(StepResult step, StepBlocking(ours ? *client : *server, token));
    if (step.state == StepState::kRejected) {
      return absl::PermissionDeniedError(SecurityStatusName(step.status).data());
    }
    token = std::move(step.token);
  }
  return server->peer();
}

nlohmann::json Description(const PeerIdentity& peer) {
  const AccountIdentity& account = *peer.account();
  const AuthorizationData& authorization = *account.authorization;
  return {{"user", account.user},
          {"domain", account.domain},
          {"principal", authorization.principal},
          {"has_verified_pac", authorization.has_verified_pac},
          {"logon_name", authorization.logon_name},
          {"logon_domain", authorization.logon_domain},
          {"user_sid", authorization.user_sid},
          {"group_sids", authorization.group_sids}};
}

}  // namespace
}  // namespace epa

int main(int count, char** values) {
  if (count != 5) {
    std::fputs("usage: ticket_reader KRB5_CONF CREDENTIAL_CACHE KEYTAB TARGET_NAME\n", stderr);
    return 2;
  }
  const auto peer = epa::LogIn({values[1], values[2], values[3], values[4]});
  if (!peer.ok()) {
    std::fprintf(stderr, "ticket_reader: %s\n", peer.status().ToString().c_str());
    return 1;
  }
  std::puts(epa::Description(*peer).dump().c_str());
  return 0;
}
