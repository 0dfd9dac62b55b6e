#include "tools/epa/demo/clients.h"

#include <array>
#include <memory>
#include <utility>

#include "epa/core/security_context.h"
#include "lib/base/base64.h"
#include "lib/base/status_macros.h"
#include "tools/epa/demo/ntlmv1.h"
#include "tools/epa/login/http_login.h"
#include "tools/epa/login/https_client.h"

namespace epa::tool {
namespace {

constexpr int kOk = 200;

// What one group of the table has in common.
struct Way {
  DemoPackage package;
  std::string_view group;
  std::string_view carrier;
  std::string_view scheme;
};

constexpr Way kNtlm{DemoPackage::kNtlm, "NTLM", "NTLM", "NTLM"};
constexpr Way kKerberos{DemoPackage::kKerberos, "Kerberos", "Kerberos", "Negotiate"};
constexpr Way kNegotiateKerberos{DemoPackage::kNegotiateKerberos, "Negotiate: Kerberos inside",
                                 "Kerberos", "Negotiate"};
constexpr Way kNegotiateNtlm{DemoPackage::kNegotiateNtlm, "Negotiate: NTLM inside", "NTLM",
                             "Negotiate"};

DemoClient ClientOf(const Way& way, std::string label, ClientState state) {
  DemoClient client;
  client.group = way.group;
  client.label = std::move(label);
  client.package = way.carrier;
  client.scheme = way.scheme;
  client.state = state;
  return client;
}

HttpLoginOptions LoginOptions(const Way& way, const DemoWorld& world, const Url& url) {
  HttpLoginOptions options;
  options.url = url;
  options.ca_file = world.CaFile();
  options.schemes = {{std::string(way.scheme), world.client(way.package)}};
  options.parameters.target_name = kDemoService;
  return options;
}

absl::StatusOr<DemoLogin> LogIn(const HttpLoginOptions& options) {
  EPA_ASSIGN_OR_RETURN(const HttpLoginOutcome outcome, LogInOverHttp(options));
  return DemoLogin{outcome.accepted, outcome.reason};
}

DemoClient Honest(const Way& way, std::string label, ClientState state, BindingRequest binding) {
  DemoClient client = ClientOf(way, std::move(label), state);
  client.log_in = [way, binding](const DemoWorld& world, const DemoSite& site) {
    HttpLoginOptions options = LoginOptions(way, world, site.ServerUrl());
    options.parameters.binding = binding;
    return LogIn(options);
  };
  return client;
}

DemoClient BoundElsewhere(const Way& way) {
  DemoClient client = ClientOf(way, "binds another certificate", ClientState::kMismatching);
  client.log_in = [way](const DemoWorld& world, const DemoSite& site) -> absl::StatusOr<DemoLogin> {
    HttpLoginOptions options = LoginOptions(way, world, site.ServerUrl());
    EPA_ASSIGN_OR_RETURN(options.channel, world.AttackersChannel());
    return LogIn(options);
  };
  return client;
}

// The victim meets the attacker's certificate, trusts it, and binds to it if it binds at all.
DemoClient Relayed(const Way& way, std::string label, ClientState state, BindingRequest binding) {
  DemoClient client = ClientOf(way, std::move(label), state);
  client.relayed = true;
  client.log_in = [way, binding](const DemoWorld& world, const DemoSite& site) {
    HttpLoginOptions options = LoginOptions(way, world, site.RelayUrl());
    options.parameters.binding = binding;
    return LogIn(options);
  };
  return client;
}

DemoClient WrongPassword(const Way& way) {
  DemoClient client = ClientOf(way, "wrong password", ClientState::kWrongPassword);
  client.log_in = [way](const DemoWorld& world, const DemoSite& site) {
    HttpLoginOptions options = LoginOptions(way, world, site.ServerUrl());
    options.schemes = {{std::string(way.scheme), world.wrong_client(way.package)}};
    return LogIn(options);
  };
  return client;
}

absl::StatusOr<int> SendToken(HttpsClient& client, const std::string& scheme,
                              const std::vector<uint8_t>& token) {
  EPA_RETURN_IF_ERROR(client.Ask(
      std::pair<std::string, std::string>("Authorization", scheme + " " + EncodeBase64(token))));
  EPA_ASSIGN_OR_RETURN(const HttpReply reply, client.ReadReply());
  return reply.status;
}

DemoClient NtlmV1(const Way& way) {
  DemoClient client = ClientOf(way, "NTLM version 1", ClientState::kNtlmV1);
  client.log_in = [scheme = client.scheme](const DemoWorld& world,
                                           const DemoSite& site) -> absl::StatusOr<DemoLogin> {
    EPA_ASSIGN_OR_RETURN(const std::unique_ptr<HttpsClient> connection,
                         HttpsClient::Connect(site.ServerUrl(), world.CaFile()));
    EPA_RETURN_IF_ERROR(SendToken(*connection, scheme, PlainNegotiateToken()).status());
    EPA_ASSIGN_OR_RETURN(const int status,
                         SendToken(*connection, scheme, NtlmV1AuthenticateToken(world.user())));
    return DemoLogin{status == kOk};
  };
  return client;
}

DemoClient Unmarked() {
  DemoClient client =
      ClientOf(kKerberos, "binds this channel, without the mark", ClientState::kMatching);
  client.log_in = [](const DemoWorld& world, const DemoSite& site) {
    HttpLoginOptions options = LoginOptions(kKerberos, world, site.ServerUrl());
    options.schemes = {{std::string(kKerberos.scheme), world.unmarked_client()}};
    return LogIn(options);
  };
  return client;
}

DemoClient ForeignTicket() {
  DemoClient client =
      ClientOf(kKerberos, "a ticket for another service", ClientState::kForeignTicket);
  client.log_in = [](const DemoWorld& world, const DemoSite& site) {
    HttpLoginOptions options = LoginOptions(kKerberos, world, site.ServerUrl());
    options.parameters.target_name = kDemoOtherService;
    return LogIn(options);
  };
  return client;
}

// One Kerberos message logs in, so whoever sees it could send it again.
absl::StatusOr<DemoLogin> SendTwice(const DemoWorld& world, const DemoSite& site) {
  InitiateOptions options;
  options.credentials = world.client(DemoPackage::kKerberos);
  EPA_ASSIGN_OR_RETURN(options.channel, world.ServersChannel());
  options.parameters.target_name = kDemoService;
  EPA_ASSIGN_OR_RETURN(const std::unique_ptr<SecurityContext> context,
                       SecurityContext::Initiate(std::move(options)));
  EPA_ASSIGN_OR_RETURN(const StepResult step, StepBlocking(*context, {}));
  DemoLogin login;
  for (const bool again : {false, true}) {
    EPA_ASSIGN_OR_RETURN(const std::unique_ptr<HttpsClient> connection,
                         HttpsClient::Connect(site.ServerUrl(), world.CaFile()));
    EPA_ASSIGN_OR_RETURN(const int status, SendToken(*connection, "Negotiate", step.token));
    login.accepted = status == kOk;
    if (!again && !login.accepted) {
      return absl::InternalError("the login to be replayed was refused");
    }
  }
  return login;
}

DemoClient Replay() {
  DemoClient client = ClientOf(kKerberos, "a recorded login, sent again", ClientState::kReplay);
  client.log_in = SendTwice;
  return client;
}

// What every package has to answer to.
std::vector<DemoClient> MatrixOf(const Way& way) {
  return {
      Honest(way, "sends no binding (an old client)", ClientState::kAbsent, BindingRequest::kOmit),
      Honest(way, "says \"I see no TLS channel\"", ClientState::kExplicitNone,
             BindingRequest::kExplicitNone),
      Honest(way, "binds this channel", ClientState::kMatching, BindingRequest::kFromChannel),
      BoundElsewhere(way),
      Relayed(way, "relay of an updated client", ClientState::kMismatching,
              BindingRequest::kFromChannel),
      Relayed(way, "relay of an old client", ClientState::kAbsent, BindingRequest::kOmit),
      WrongPassword(way),
  };
}

}  // namespace

std::vector<DemoClient> OwnClients(const DemoWorld& world) {
  std::vector<DemoClient> clients;
  const auto add = [&clients](std::vector<DemoClient> more) {
    for (DemoClient& client : more) {
      clients.push_back(std::move(client));
    }
  };
  add(MatrixOf(kNtlm));
  add({NtlmV1(kNtlm)});
  if (world.kdc() != nullptr) {
    add(MatrixOf(kKerberos));
    add({Unmarked(), ForeignTicket(), Replay()});
    add(MatrixOf(kNegotiateKerberos));
  }
  add(MatrixOf(kNegotiateNtlm));
  add({NtlmV1(kNegotiateNtlm)});
  return clients;
}

}  // namespace epa::tool
