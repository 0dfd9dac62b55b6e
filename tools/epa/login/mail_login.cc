#include "tools/epa/login/mail_login.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "epa/sasl/mail_client.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "tools/epa/login/login_output.h"
#include "tools/epa/login/mail_talk.h"

namespace epa::tool {
namespace {

class MailLogin {
 public:
  MailLogin(sasl::MailProtocol protocol, const SaslLoginOptions& options,
            std::unique_ptr<SaslStream> stream)
      : protocol_(protocol),
        options_(options),
        stream_(std::move(stream)),
        talk_(protocol, *stream_) {}

  absl::StatusOr<SaslLoginOutcome> Run();

 private:
  absl::Status Open();
  absl::StatusOr<sasl::MechanismType> Choose(const std::vector<std::string>& capabilities) const;
  absl::Status Authenticate(sasl::MailClient& client);
  absl::Status Conclude(const sasl::MailClient& client);

  const sasl::MailProtocol protocol_;
  const SaslLoginOptions& options_;
  const std::unique_ptr<SaslStream> stream_;
  MailTalk talk_;
  SaslLoginOutcome outcome_;
};

absl::Status MailLogin::Open() {
  EPA_RETURN_IF_ERROR(stream_->Connect());
  if (options_.tls == TlsUse::kImplicit) {
    EPA_RETURN_IF_ERROR(stream_->StartTls(""));
  }
  EPA_RETURN_IF_ERROR(talk_.Greet());
  if (options_.tls == TlsUse::kCommand) {
    EPA_RETURN_IF_ERROR(talk_.StartTls());
  }
  return absl::OkStatus();
}

absl::StatusOr<sasl::MechanismType> MailLogin::Choose(
    const std::vector<std::string>& capabilities) const {
  const std::vector<sasl::MechanismType> offered = MechanismsIn(protocol_, capabilities);
  if (options_.mechanism.has_value()) {
    return *options_.mechanism;
  }
  for (const sasl::MechanismType mechanism : offered) {
    if (CredentialsFor(mechanism, options_.packages) != nullptr) {
      return mechanism;
    }
  }
  return absl::FailedPreconditionError("the server offers no mechanism that we have");
}

absl::StatusOr<SaslLoginOutcome> MailLogin::Run() {
  EPA_RETURN_IF_ERROR(Open());
  EPA_ASSIGN_OR_RETURN(outcome_.channel,
                       ClientChannelOf(stream_->ssl(), options_.parameters.binding));
  EPA_ASSIGN_OR_RETURN(const std::vector<std::string> capabilities, talk_.Capabilities());
  sasl::MailClientOptions client_options;
  client_options.protocol = protocol_;
  EPA_ASSIGN_OR_RETURN(client_options.exchange.mechanism, Choose(capabilities));
  client_options.exchange.credentials =
      CredentialsFor(client_options.exchange.mechanism, options_.packages);
  client_options.exchange.channel = outcome_.channel;
  client_options.exchange.parameters = options_.parameters;
  client_options.exchange.authorization_identity = options_.authorization_identity;
  client_options.initial_response = protocol_ != sasl::MailProtocol::kImap ||
                                    std::ranges::any_of(capabilities, [](const std::string& one) {
                                      return EqualsIgnoringAsciiCase(one, "SASL-IR");
                                    });
  outcome_.mechanism = sasl::MechanismName(client_options.exchange.mechanism);
  EPA_ASSIGN_OR_RETURN(const auto client, sasl::MailClient::Create(std::move(client_options)));
  EPA_RETURN_IF_ERROR(Authenticate(*client));
  EPA_RETURN_IF_ERROR(Conclude(*client));
  return std::move(outcome_);
}

absl::Status MailLogin::Authenticate(sasl::MailClient& client) {
  absl::StatusOr<sasl::MailClientOutput> output = client.Begin();
  while (output.ok()) {
    if (output->pending_work != nullptr) {
      output->pending_work->Run();
      output = client.Resume(std::move(output->pending_work));
      continue;
    }
    if (!output->send.empty()) {
      EPA_RETURN_IF_ERROR(talk_.Write(output->send));
    }
    if (client.logged_in() || client.refusal().has_value()) {
      return absl::OkStatus();
    }
    EPA_ASSIGN_OR_RETURN(const std::string line, talk_.LoginLine());
    output = client.Receive(line);
  }
  return output.status();
}

absl::Status MailLogin::Conclude(const sasl::MailClient& client) {
  if (client.refusal().has_value()) {
    outcome_.refusal = ReasonInWords(*client.refusal(), client.refusal_detail());
    return absl::OkStatus();
  }
  outcome_.accepted = true;
  outcome_.package = client.context()->package_name().value_or("");
  const absl::StatusOr<ServerIdentity> server = client.context()->server();
  outcome_.server_proved = server.ok() && server->mutually_authenticated;
  EPA_ASSIGN_OR_RETURN(outcome_.server_says, talk_.Capabilities());
  return absl::OkStatus();
}

}  // namespace

const std::shared_ptr<const Credentials>& CredentialsFor(sasl::MechanismType mechanism,
                                                         const PackageSet& packages) {
  switch (mechanism) {
    case sasl::MechanismType::kGssapi:
      return packages.kerberos;
    case sasl::MechanismType::kGssSpnego:
      return packages.negotiate;
    case sasl::MechanismType::kNtlm:
      break;
  }
  return packages.ntlm;
}

absl::StatusOr<SaslLoginOutcome> LogInToMail(sasl::MailProtocol protocol,
                                             const SaslLoginOptions& options) {
  EPA_ASSIGN_OR_RETURN(auto stream,
                       SaslStream::Create(options.server, options.name, options.ca_file));
  return MailLogin(protocol, options, std::move(stream)).Run();
}

}  // namespace epa::tool
