// Logs in to itself with what is installed: binding this channel, then without binding anything.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/audit_json/json_lines.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/core/security_context.h"
#include "epa/defaults/defaults.h"
#include "epa/http/authenticator.h"
#include "epa/ntlm/authority.h"
#include "epa/tls/channel_binding.h"

namespace {

void Require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "cxx_consumer: %s\n", what);
    std::exit(1);
  }
}

template <typename T>
T OrExit(absl::StatusOr<T> value) {
  Require(value.ok(), std::string(value.status().message()).c_str());
  return *std::move(value);
}

class PrintingSink : public epa::AuditSink {
 public:
  void OnEvent(const epa::AuditEvent& event) override {
    std::printf("%s\n", epa::AuditEventToJson(event).c_str());
  }
};

std::shared_ptr<const epa::Credentials> ServerCredentials() {
  epa::ntlm::Account account;
  account.user = "alice";
  account.domain = "DEMO";
  account.nt_hash = OrExit(epa::ntlm::NtHashFromPassword("secret"));
  epa::ServerPackages packages;
  packages.ntlm.emplace().authority = OrExit(epa::ntlm::CreateMemoryAuthority({account}));
  return OrExit(epa::CreateServerCredentials(std::move(packages)));
}

std::shared_ptr<const epa::Credentials> ClientCredentials() {
  epa::ClientPackages packages;
  epa::ntlm::InitiatorOptions& user = packages.ntlm.emplace();
  user.user = "DEMO\\alice";
  user.password = epa::SecretBytes::FromText("secret");
  return OrExit(epa::CreateClientCredentials(std::move(packages)));
}

epa::Channel SomeTlsChannel() {
  const std::string data = "tls-server-end-point:" + std::string(32, '\x5a');
  return epa::Channel::Tls(OrExit(
      epa::ChannelBindings::FromApplicationData(std::vector<uint8_t>(data.begin(), data.end()))));
}

std::unique_ptr<epa::SecurityContext> LogIn(const epa::AcceptOptions& server,
                                            epa::BindingRequest binding) {
  auto acceptor = OrExit(epa::SecurityContext::Accept(server));
  epa::InitiateOptions client;
  client.credentials = ClientCredentials();
  client.channel = server.channel;
  client.parameters.target_name = "HTTP/www.example.com";
  client.parameters.binding = binding;
  const auto initiator = OrExit(epa::SecurityContext::Initiate(std::move(client)));
  epa::StepResult answer;
  do {
    const epa::StepResult question = OrExit(epa::StepBlocking(*initiator, answer.token));
    answer = OrExit(epa::StepBlocking(*acceptor, question.token));
  } while (answer.state == epa::StepState::kContinue);
  return acceptor;
}

}  // namespace

int main() {
  epa::ExtendedProtectionOptions protection;
  protection.mode = epa::ExtendedProtectionMode::kRequire;
  epa::AcceptOptions server;
  server.credentials = ServerCredentials();
  server.policy = std::make_shared<const epa::ExtendedProtectionPolicy>(
      OrExit(epa::ExtendedProtectionPolicy::Create(std::move(protection))));
  server.channel = SomeTlsChannel();
  server.audit = std::make_shared<PrintingSink>();

  const auto bound = LogIn(server, epa::BindingRequest::kFromChannel);
  Require(OrExit(bound->peer()).account()->user == "alice",
          "another user than the one that logged in");
  Require(OrExit(bound->package_name()) == "NTLM", "another package than the only one");
  const auto silent = LogIn(server, epa::BindingRequest::kOmit);
  Require(silent->reason() == epa::Reason::kBindingMissing, "mode 2 let an unbound login in");

  epa::http::AuthenticatorOptions http;
  http.schemes = {{"Negotiate", server.credentials}};
  http.policy = server.policy;
  http.audit = server.audit;
  const auto config = OrExit(epa::http::AuthenticatorConfig::Create(std::move(http)));
  epa::http::Authenticator authenticator(config, *server.channel, "a client");
  Require(authenticator.OnRequest({}).status == 401, "an empty request was not challenged");

  const auto no_certificate = epa::tls::EndpointBindingOf(std::vector<uint8_t>{1, 2, 3},
                                                          epa::tls::UndefinedHashRule::kFail);
  Require(absl::IsInvalidArgument(no_certificate.status()), "three octets made a certificate");
  return 0;
}
