// Logs in by the plug-in and by the package of one's own, alone and inside Negotiate, and looks
// whether the policy decides about them as about any other.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "badge.h"
#include "epa/core/security_context.h"
#include "epa/negotiate/negotiate.h"
#include "epa/ntlm/ntlm.h"
#include "epa/sspi/plugin.h"
#include "epa/sspi/sspi.h"

namespace {

using CredentialsPtr = std::shared_ptr<const epa::Credentials>;

template <typename T>
T OrExit(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "provider_logins: %s\n", value.status().ToString().c_str());
    std::exit(1);
  }
  return *std::move(value);
}

epa::Channel ChannelOf(char certificate) {
  const std::string data = "tls-server-end-point:" + std::string(32, certificate);
  return epa::Channel::Tls(OrExit(
      epa::ChannelBindings::FromApplicationData(std::vector<uint8_t>(data.begin(), data.end()))));
}

struct Login {
  CredentialsPtr client;
  CredentialsPtr server;
  epa::Channel client_channel = ChannelOf('a');
  epa::BindingRequest binding = epa::BindingRequest::kFromChannel;
  epa::ExtendedProtectionMode mode = epa::ExtendedProtectionMode::kRequire;
};

// "Acme binding_matched", "refused binding_mismatch".
std::string Try(Login login) {
  epa::ExtendedProtectionOptions protection;
  protection.mode = login.mode;
  epa::AcceptOptions server;
  server.credentials = std::move(login.server);
  server.policy = std::make_shared<const epa::ExtendedProtectionPolicy>(
      OrExit(epa::ExtendedProtectionPolicy::Create(std::move(protection))));
  server.channel = ChannelOf('a');
  server.audit = epa::NoAudit();
  epa::InitiateOptions client;
  client.credentials = std::move(login.client);
  client.channel = std::move(login.client_channel);
  client.parameters.target_name = "HTTP/www.example.com";
  client.parameters.binding = login.binding;
  const auto acceptor = OrExit(epa::SecurityContext::Accept(std::move(server)));
  const auto initiator = OrExit(epa::SecurityContext::Initiate(std::move(client)));
  epa::StepResult answer;
  do {
    const epa::StepResult question = OrExit(epa::StepBlocking(*initiator, answer.token));
    answer = OrExit(epa::StepBlocking(*acceptor, question.token));
  } while (answer.state == epa::StepState::kContinue);
  const std::string reason(epa::ReasonName(acceptor->reason()));
  if (!acceptor->established()) {
    return "refused " + reason;
  }
  if (OrExit(acceptor->peer()).account()->user != "alice") {
    return "somebody else";
  }
  return std::string(OrExit(acceptor->package_name())) + " " + reason;
}

CredentialsPtr Acme(bool server, const std::string& package = "Acme",
                    std::string password = "secret") {
  std::string user = "alice";
  SEC_WINNT_AUTH_IDENTITY_A identity{};
  identity.User = reinterpret_cast<UCHAR*>(user.data());
  identity.UserLength = static_cast<ULONG>(user.size());
  identity.Password = reinterpret_cast<UCHAR*>(password.data());
  identity.PasswordLength = static_cast<ULONG>(password.size());
  identity.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
  epa::sspi::PluginOptions options;
  options.plugin = OrExit(epa::sspi::Plugin::Load(ACME));
  options.package = package;
  options.mechanism_oids = {{0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x86, 0x8d, 0x1f, 0x01}};
  options.auth_data = &identity;
  return OrExit(server ? epa::sspi::CreateAcceptorCredentials(std::move(options))
                       : epa::sspi::CreateInitiatorCredentials(std::move(options)));
}

CredentialsPtr Ntlm(bool server) {
  if (server) {
    epa::ntlm::Account account;
    account.user = "alice";
    account.nt_hash = OrExit(epa::ntlm::NtHashFromPassword("secret"));
    epa::ntlm::AcceptorOptions options;
    options.authority = OrExit(epa::ntlm::CreateMemoryAuthority({account}));
    return OrExit(epa::ntlm::CreateAcceptorCredentials(std::move(options)));
  }
  epa::ntlm::InitiatorOptions options;
  options.user = "alice";
  options.password = epa::SecretBytes::FromText("secret");
  return OrExit(epa::ntlm::CreateInitiatorCredentials(std::move(options)));
}

CredentialsPtr Badge() { return CreateBadgeCredentials("alice", "the key of the house"); }

CredentialsPtr Negotiate(bool server, std::vector<CredentialsPtr> packages) {
  return OrExit(server ? epa::negotiate::CreateAcceptorCredentials(std::move(packages))
                       : epa::negotiate::CreateInitiatorCredentials(std::move(packages)));
}

int g_failures = 0;

void Expect(const char* name, Login login, const std::string& expected) {
  const std::string outcome = Try(std::move(login));
  std::printf("%-50s %s\n", name, outcome.c_str());
  g_failures += outcome == expected ? 0 : 1;
}

void TryAlone(const std::string& package, const CredentialsPtr& client,
              const CredentialsPtr& server) {
  using enum epa::BindingRequest;
  Expect("binds this channel", {client, server}, package + " binding_matched");
  Expect("binds another channel", {client, server, ChannelOf('b')}, "refused binding_mismatch");
  Expect("says that it had no channel", {client, server, ChannelOf('a'), kExplicitNone},
         "refused binding_explicitly_none");
  Expect("mode 0: binds another channel",
         {client, server, ChannelOf('b'), kFromChannel, epa::ExtendedProtectionMode::kLegacy},
         package + " legacy_mode");
}

}  // namespace

int main() {
  TryAlone("Acme", Acme(false), Acme(true));
  Expect("a wrong password", {Acme(false, "Acme", "guess"), Acme(true)}, "refused wrong_password");
  Expect("a plug-in that does not look at bindings",
         {Acme(false, "AcmeSilent"), Acme(true, "AcmeSilent")}, "refused binding_not_checked");
  TryAlone("Badge", Badge(), Badge());

  const auto all = Negotiate(true, {Badge(), Acme(true), Ntlm(true)});
  TryAlone("Badge", Negotiate(false, {Badge(), Ntlm(false)}), all);
  TryAlone("Acme", Negotiate(false, {Acme(false), Ntlm(false)}), all);
  Expect("a client that has neither", {Negotiate(false, {Ntlm(false)}), all},
         "NTLM binding_matched");
  return g_failures == 0 ? 0 : 1;
}
