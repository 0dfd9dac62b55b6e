#include "tools/epa/login/ldap_login.h"

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "epa/sasl/ldap_client.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/ldap_messages.h"
#include "tools/epa/login/login_output.h"
#include "tools/epa/login/mail_login.h"
#include "tools/epa/login/sasl_stream.h"

namespace epa::tool {
namespace {

constexpr size_t kLongestMessage = 1024 * 1024;

class LdapLogin {
 public:
  LdapLogin(const SaslLoginOptions& options, std::unique_ptr<SaslStream> stream)
      : options_(options), stream_(std::move(stream)) {}

  absl::StatusOr<SaslLoginOutcome> Run();

 private:
  absl::Status Open();
  absl::Status StartTls();
  absl::StatusOr<sasl::LdapClientOptions> ClientOptions() const;
  absl::Status Bind(sasl::LdapClient& client);
  absl::Status Conclude(sasl::LdapClient& client);
  absl::Status AskWhoWeAre(sasl::LdapClient& client);
  // A whole message; out of `layer` where there is one.
  absl::StatusOr<std::vector<uint8_t>> Read(sasl::SecurityLayer* layer);

  const SaslLoginOptions& options_;
  const std::unique_ptr<SaslStream> stream_;
  std::vector<uint8_t> input_;
  int32_t next_message_id_ = 1;
  SaslLoginOutcome outcome_;
};

absl::StatusOr<std::vector<uint8_t>> LdapLogin::Read(sasl::SecurityLayer* layer) {
  std::array<uint8_t, 4096> room{};
  while (true) {
    const std::optional<size_t> size = LdapMessageSize(input_);
    if (size.has_value() && (*size == 0 || *size > kLongestMessage)) {
      return absl::UnavailableError(options_.name + " does not speak LDAP");
    }
    if (size.has_value() && *size <= input_.size()) {
      const auto end = input_.begin() + static_cast<ptrdiff_t>(*size);
      std::vector<uint8_t> message(input_.begin(), end);
      input_.erase(input_.begin(), end);
      return message;
    }
    EPA_ASSIGN_OR_RETURN(const size_t read, stream_->Read(room));
    const auto octets = std::span<const uint8_t>(room).first(read);
    if (layer == nullptr) {
      input_.insert(input_.end(), octets.begin(), octets.end());
    } else {
      EPA_RETURN_IF_ERROR(layer->Unwrap(octets, input_));
    }
  }
}

absl::Status LdapLogin::StartTls() {
  EPA_RETURN_IF_ERROR(stream_->Write(LdapExtendedRequest(next_message_id_, kLdapStartTls)));
  EPA_ASSIGN_OR_RETURN(const std::vector<uint8_t> message, Read(nullptr));
  const auto result = ParseLdapExtendedResponse(message, next_message_id_++);
  if (!result.has_value() || result->code != 0) {
    return absl::FailedPreconditionError("the server offers no StartTLS");
  }
  // What came with the answer was never protected.
  if (!input_.empty()) {
    return absl::FailedPreconditionError("the server went on after StartTLS");
  }
  return stream_->StartTls("");
}

absl::Status LdapLogin::Open() {
  EPA_RETURN_IF_ERROR(stream_->Connect());
  switch (options_.tls) {
    case TlsUse::kImplicit:
      return stream_->StartTls("");
    case TlsUse::kCommand:
      return StartTls();
    case TlsUse::kNone:
      break;
  }
  return absl::OkStatus();
}

absl::StatusOr<sasl::LdapClientOptions> LdapLogin::ClientOptions() const {
  sasl::LdapClientOptions client;
  // GSS-SPNEGO where there is a choice: every directory of Windows' kind has it.
  const PackageSet& packages = options_.packages;
  const auto best = packages.negotiate != nullptr  ? sasl::MechanismType::kGssSpnego
                    : packages.kerberos != nullptr ? sasl::MechanismType::kGssapi
                                                   : sasl::MechanismType::kNtlm;
  client.exchange.mechanism = options_.mechanism.value_or(best);
  client.exchange.credentials = CredentialsFor(client.exchange.mechanism, packages);
  client.exchange.channel = outcome_.channel;
  client.exchange.parameters = options_.parameters;
  client.exchange.layer = options_.layer;
  client.exchange.authorization_identity = options_.authorization_identity;
  client.first_message_id = next_message_id_;
  client.sicily = options_.sicily;
  return client;
}

absl::StatusOr<SaslLoginOutcome> LdapLogin::Run() {
  EPA_RETURN_IF_ERROR(Open());
  EPA_ASSIGN_OR_RETURN(outcome_.channel,
                       ClientChannelOf(stream_->ssl(), options_.parameters.binding));
  EPA_ASSIGN_OR_RETURN(sasl::LdapClientOptions client_options, ClientOptions());
  outcome_.mechanism =
      options_.sicily ? "Sicily" : sasl::MechanismName(client_options.exchange.mechanism);
  EPA_ASSIGN_OR_RETURN(const auto client, sasl::LdapClient::Create(std::move(client_options)));
  EPA_RETURN_IF_ERROR(Bind(*client));
  EPA_RETURN_IF_ERROR(Conclude(*client));
  return std::move(outcome_);
}

absl::Status LdapLogin::Bind(sasl::LdapClient& client) {
  absl::StatusOr<sasl::LdapClientOutput> output = client.Begin();
  while (output.ok()) {
    if (output->pending_work != nullptr) {
      output->pending_work->Run();
      output = client.Resume(std::move(output->pending_work));
      continue;
    }
    if (!output->send.empty()) {
      EPA_RETURN_IF_ERROR(stream_->Write(output->send));
    }
    if (client.logged_in() || client.refusal().has_value()) {
      return absl::OkStatus();
    }
    EPA_ASSIGN_OR_RETURN(const std::vector<uint8_t> message, Read(nullptr));
    output = client.Receive(message);
  }
  return output.status();
}

absl::Status LdapLogin::Conclude(sasl::LdapClient& client) {
  if (client.refusal().has_value()) {
    const sasl::LdapClientRefusal& refusal = *client.refusal();
    std::string detail = refusal.detail;
    if (refusal.result_code != 0) {
      detail = "resultCode " + std::to_string(refusal.result_code) +
               (detail.empty() ? "" : ": " + detail);
    }
    outcome_.refusal = ReasonInWords(refusal.reason, detail);
    return absl::OkStatus();
  }
  outcome_.accepted = true;
  outcome_.package = client.context()->package_name().value_or("");
  const absl::StatusOr<ServerIdentity> server = client.context()->server();
  outcome_.server_proved = server.ok() && server->mutually_authenticated;
  outcome_.layer = sasl::LayerName(options_.layer);
  return AskWhoWeAre(client);
}

absl::Status LdapLogin::AskWhoWeAre(sasl::LdapClient& client) {
  std::vector<uint8_t> request = LdapExtendedRequest(client.next_message_id(), kLdapWhoAmI);
  sasl::SecurityLayer* const layer = client.layer();
  if (layer != nullptr) {
    EPA_ASSIGN_OR_RETURN(request, layer->Wrap(request));
  }
  EPA_RETURN_IF_ERROR(stream_->Write(request));
  EPA_ASSIGN_OR_RETURN(const std::vector<uint8_t> message, Read(layer));
  const auto result = ParseLdapExtendedResponse(message, client.next_message_id());
  if (result.has_value() && result->code == 0) {
    outcome_.server_says = {std::string(result->value)};
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SaslLoginOutcome> LogInToLdap(const SaslLoginOptions& options) {
  EPA_ASSIGN_OR_RETURN(auto stream,
                       SaslStream::Create(options.server, options.name, options.ca_file));
  return LdapLogin(options, std::move(stream)).Run();
}

}  // namespace epa::tool
