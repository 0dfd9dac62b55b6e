#include "tests/support/kerberos_exchange.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace epa::test {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "test set-up: %s\n", result.status().ToString().c_str());
    std::abort();
  }
  return *std::move(result);
}

// Owned here so that it stops with the program.
std::unique_ptr<PrivateKdc>& RealmOwner() {
  static std::unique_ptr<PrivateKdc> realm;
  return realm;
}

}  // namespace

PrivateKdc& TestRealm() {
  std::unique_ptr<PrivateKdc>& realm = RealmOwner();
  if (realm == nullptr) {
    KdcOptions options = TestKdcOptions();
    options.commands = {"modprinc +ok_as_delegate cifs/server.test.example"};
    realm = OrDie(PrivateKdc::Start(std::move(options)));
  }
  return *realm;
}

ChannelBindings KerberosBindings(uint8_t seed) {
  std::vector<uint8_t> data;
  constexpr std::string_view kPrefix = "tls-server-end-point:";
  data.insert(data.end(), kPrefix.begin(), kPrefix.end());
  data.insert(data.end(), 32, seed);
  return OrDie(ChannelBindings::FromApplicationData(data));
}

kerberos::AcceptorOptions RealmAcceptor() {
  kerberos::AcceptorOptions options;
  options.keytab_path = TestRealm().keytab_path();
  options.configuration.contents = TestRealm().configuration();
  options.replay_cache = kerberos::ReplayCache::kInProcess;
  return options;
}

kerberos::InitiatorOptions RealmInitiator() {
  kerberos::InitiatorOptions options;
  options.principal = "alice";
  options.password = SecretBytes::FromText("secret-alice");
  options.configuration.contents = TestRealm().configuration();
  return options;
}

std::shared_ptr<const Credentials> MakeAcceptor(kerberos::AcceptorOptions options) {
  return OrDie(kerberos::CreateAcceptorCredentials(std::move(options)));
}

std::shared_ptr<const Credentials> MakeInitiator(kerberos::InitiatorOptions options) {
  return OrDie(kerberos::CreateInitiatorCredentials(std::move(options)));
}

std::shared_ptr<const Credentials> SharedAcceptor() {
  TestRealm();
  static const auto credentials = MakeAcceptor(RealmAcceptor());
  return credentials;
}

std::shared_ptr<const Credentials> SharedInitiator() {
  TestRealm();
  static const auto credentials = MakeInitiator(RealmInitiator());
  return credentials;
}

std::unique_ptr<SecurityContext> MakeKerberosClient(const KerberosSetup& setup) {
  InitiateOptions options;
  options.credentials = setup.initiator != nullptr ? setup.initiator : SharedInitiator();
  options.channel = setup.client_channel;
  options.parameters = setup.parameters;
  return OrDie(SecurityContext::Initiate(std::move(options)));
}

std::unique_ptr<SecurityContext> MakeKerberosServer(const KerberosSetup& setup) {
  AcceptOptions options;
  options.credentials = setup.acceptor != nullptr ? setup.acceptor : SharedAcceptor();
  options.channel = setup.server_channel;
  options.audit = setup.audit != nullptr ? setup.audit : NoAudit();
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      OrDie(ExtendedProtectionPolicy::Create(setup.policy)));
  return OrDie(SecurityContext::Accept(std::move(options)));
}

StepResult KerberosStep(SecurityContext& context, std::span<const uint8_t> token) {
  return OrDie(StepBlocking(context, token));
}

KerberosExchange RunKerberos(const KerberosSetup& setup) {
  KerberosExchange exchange;
  exchange.client = MakeKerberosClient(setup);
  exchange.server = MakeKerberosServer(setup);
  exchange.client_result = KerberosStep(*exchange.client, {});
  exchange.request = exchange.client_result.token;
  if (exchange.client_result.state == StepState::kRejected) {
    return exchange;
  }
  if (setup.on_request) {
    setup.on_request(exchange.request);
  }
  exchange.server_result = KerberosStep(*exchange.server, exchange.request);
  exchange.reply = exchange.server_result.token;
  if (exchange.client_result.state != StepState::kContinue || exchange.reply.empty()) {
    return exchange;
  }
  if (setup.on_reply) {
    setup.on_reply(exchange.reply);
  }
  exchange.client_result = KerberosStep(*exchange.client, exchange.reply);
  return exchange;
}

}  // namespace epa::test
