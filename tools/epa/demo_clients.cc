#include "tools/epa/demo_clients.h"

#include <memory>
#include <utility>

#include "lib/base/base64.h"
#include "lib/base/status_macros.h"
#include "tools/epa/demo_ntlmv1.h"
#include "tools/epa/http_login.h"
#include "tools/epa/https_client.h"

namespace epa::tool {
namespace {

constexpr int kOk = 200;

HttpLoginOptions LoginOptions(const DemoWorld& world, const Url& url, const std::string& scheme) {
  HttpLoginOptions options;
  options.url = url;
  options.ca_file = world.CaFile();
  options.schemes = {{scheme, world.client_credentials()}};
  options.parameters.target_name = "HTTP/" + url.server.host;
  return options;
}

absl::StatusOr<bool> LogIn(const HttpLoginOptions& options) {
  EPA_ASSIGN_OR_RETURN(const HttpLoginOutcome outcome, LogInOverHttp(options));
  return outcome.accepted;
}

DemoClient Honest(std::string label, ClientState state, BindingRequest binding,
                  const std::string& scheme = "NTLM") {
  return {"The right password, straight to the server",
          std::move(label),
          "NTLM",
          scheme,
          state,
          false,
          [binding, scheme](const DemoWorld& world, const DemoSite& site) {
            HttpLoginOptions options = LoginOptions(world, site.ServerUrl(), scheme);
            options.parameters.binding = binding;
            return LogIn(options);
          }};
}

DemoClient BoundElsewhere() {
  DemoClient client =
      Honest("binds another certificate", ClientState::kMismatching, BindingRequest::kFromChannel);
  client.log_in = [](const DemoWorld& world, const DemoSite& site) -> absl::StatusOr<bool> {
    HttpLoginOptions options = LoginOptions(world, site.ServerUrl(), "NTLM");
    EPA_ASSIGN_OR_RETURN(options.channel, world.AttackersChannel());
    return LogIn(options);
  };
  return client;
}

// The victim meets the attacker's certificate, trusts it, and binds to it if it binds at all.
DemoClient Relayed(std::string label, ClientState state, BindingRequest binding) {
  return {"The right password, lured to an attacker who passes it on",
          std::move(label),
          "NTLM",
          "NTLM",
          state,
          true,
          [binding](const DemoWorld& world, const DemoSite& site) {
            HttpLoginOptions options = LoginOptions(world, site.RelayUrl(), "NTLM");
            options.parameters.binding = binding;
            return LogIn(options);
          }};
}

constexpr std::string_view kNoProof = "No proof of the password";

DemoClient WrongPassword() {
  return {std::string(kNoProof),
          "wrong password, binds this channel",
          "NTLM",
          "NTLM",
          ClientState::kWrongPassword,
          false,
          [](const DemoWorld& world, const DemoSite& site) {
            HttpLoginOptions options = LoginOptions(world, site.ServerUrl(), "NTLM");
            options.schemes = {{"NTLM", world.wrong_credentials()}};
            return LogIn(options);
          }};
}

absl::StatusOr<int> SendToken(HttpsClient& client, const std::vector<uint8_t>& token) {
  EPA_ASSIGN_OR_RETURN(const HttpReply reply, client.Get(std::pair<std::string, std::string>(
                                                  "Authorization", "NTLM " + EncodeBase64(token))));
  return reply.status;
}

DemoClient NtlmV1() {
  return {std::string(kNoProof),
          "NTLM version 1",
          "NTLM",
          "NTLM",
          ClientState::kNtlmV1,
          false,
          [](const DemoWorld& world, const DemoSite& site) -> absl::StatusOr<bool> {
            EPA_ASSIGN_OR_RETURN(const std::unique_ptr<HttpsClient> client,
                                 HttpsClient::Connect(site.ServerUrl(), world.CaFile()));
            EPA_RETURN_IF_ERROR(SendToken(*client, PlainNegotiateToken()).status());
            EPA_ASSIGN_OR_RETURN(const int status,
                                 SendToken(*client, NtlmV1AuthenticateToken(world.user())));
            return status == kOk;
          }};
}

}  // namespace

std::vector<DemoClient> OwnClients() {
  return {
      Honest("sends no binding (an old client)", ClientState::kAbsent, BindingRequest::kOmit),
      Honest("says \"I see no TLS channel\"", ClientState::kExplicitNone,
             BindingRequest::kExplicitNone),
      Honest("binds this channel", ClientState::kMatching, BindingRequest::kFromChannel),
      Honest("the same, scheme Negotiate", ClientState::kMatching, BindingRequest::kFromChannel,
             "Negotiate"),
      BoundElsewhere(),
      Relayed("relay of an updated client", ClientState::kMismatching,
              BindingRequest::kFromChannel),
      Relayed("relay of an old client", ClientState::kAbsent, BindingRequest::kOmit),
      WrongPassword(),
      NtlmV1(),
  };
}

}  // namespace epa::tool
