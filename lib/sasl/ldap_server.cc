#include "epa/sasl/ldap_server.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/sasl/ldap_audit.h"
#include "lib/sasl/ldap_diagnostics.h"
#include "lib/sasl/ldap_messages.h"

namespace epa::sasl {
namespace {

using Octets = std::span<const uint8_t>;

constexpr std::string_view kSicilyPackages = "NTLM";

bool IsSicily(LdapBindRequest::Kind kind) {
  return kind == LdapBindRequest::Kind::kSicilyDiscovery ||
         kind == LdapBindRequest::Kind::kSicilyNegotiate ||
         kind == LdapBindRequest::Kind::kSicilyResponse;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const LdapServerConfig>> LdapServerConfig::Create(
    LdapServerOptions options) {
  if (options.sicily && options.sasl.ntlm == nullptr) {
    return absl::InvalidArgumentError("Sicily needs credentials of the package NTLM");
  }
  // What is wrong is found before anybody hears an event.
  EPA_ASSIGN_OR_RETURN(std::shared_ptr<const ServerConfig> sasl,
                       ServerConfig::Create(options.sasl));
  if (options.sasl.audit != NoAudit()) {
    const Clock& clock = options.sasl.clock != nullptr ? *options.sasl.clock : SystemClock();
    options.sasl.audit = std::make_shared<LdapAudit>(std::move(options.sasl.audit),
                                                     options.sasl.policy->mode(), clock);
    EPA_ASSIGN_OR_RETURN(sasl, ServerConfig::Create(std::move(options.sasl)));
  }
  return std::shared_ptr<const LdapServerConfig>(
      new LdapServerConfig(std::move(sasl), options.require_signing, options.sicily));
}

class LdapServer::Impl {
 public:
  Impl(std::shared_ptr<const LdapServerConfig> config, Channel channel, std::string peer)
      : config_(std::move(config)), channel_(std::move(channel)), peer_(std::move(peer)) {}

  std::vector<std::string_view> SupportedMechanisms() const;
  LdapServerOutput Receive(Octets message);
  LdapServerOutput Resume(std::unique_ptr<PendingWork> work);
  void Abort() {
    if (in_progress()) {
      Forget();
    }
  }

  bool in_progress() const { return state_ == State::kSasl || state_ == State::kSicily; }
  const ServerExchange* login() const {
    return state_ == State::kLoggedIn ? exchange_.get() : nullptr;
  }
  SecurityLayer* layer() const { return state_ == State::kLoggedIn ? exchange_->layer() : nullptr; }

 private:
  enum class State : uint8_t { kAnonymous, kSasl, kSicily, kLoggedIn, kClosed };

  LdapServerOutput OnRequest(const LdapBindRequest& request);
  LdapServerOutput OnSimple(const LdapBindRequest& request);
  LdapServerOutput OnSasl(const LdapBindRequest& request);
  LdapServerOutput OnSicily(const LdapBindRequest& request);
  LdapServerOutput Begin(MechanismType mechanism, State state, std::optional<Octets> credentials);
  LdapServerOutput Conclude(absl::StatusOr<ServerStep> step);
  LayerRule Rule() const;
  bool in_clear() const { return channel_.kind() == ChannelKind::kPlain; }
  // Of the mechanisms offered on this connection.
  bool Offers(MechanismType mechanism) const;

  LdapServerOutput Answer(LdapResult result, std::optional<Octets> credentials = std::nullopt,
                          std::string_view diagnostic = "") const;
  // Nobody is logged in; a bind that is half-way ends.
  void Forget();
  LdapServerOutput Fail(LdapResult result, std::string_view diagnostic, absl::Status reason);
  LdapServerOutput Close(absl::Status reason);

  const std::shared_ptr<const LdapServerConfig> config_;
  const Channel channel_;
  const std::string peer_;
  State state_ = State::kAnonymous;
  bool pending_ = false;
  // Of the request that is to be answered.
  int32_t message_id_ = 0;
  bool sicily_ = false;
  std::unique_ptr<ServerExchange> exchange_;
};

std::vector<std::string_view> LdapServer::Impl::SupportedMechanisms() const {
  std::vector<std::string_view> names;
  for (const MechanismType mechanism : config_->sasl()->Offered(channel_)) {
    names.push_back(MechanismName(mechanism));
  }
  return names;
}

LdapServerOutput LdapServer::Impl::Receive(Octets message) {
  if (pending_ || state_ == State::kClosed) {
    return Close(absl::FailedPreconditionError("a message was given while none was due"));
  }
  const std::optional<LdapBindRequest> request = ParseBindRequest(message);
  if (!request.has_value()) {
    return Close(absl::InvalidArgumentError("not a bind request"));
  }
  message_id_ = request->message_id;
  sicily_ = IsSicily(request->kind);
  if (layer() != nullptr) {
    LdapServerOutput output =
        Answer(LdapResult::kUnwillingToPerform, std::nullopt, "a bind inside a security layer");
    output.reason = absl::InvalidArgumentError("a bind inside a security layer");
    return output;
  }
  return OnRequest(*request);
}

LdapServerOutput LdapServer::Impl::OnRequest(const LdapBindRequest& request) {
  if (state_ == State::kLoggedIn) {
    Forget();
  }
  if (request.version != 3) {
    return Fail(LdapResult::kProtocolError, "LDAP version 3 is spoken here",
                absl::InvalidArgumentError("another version of LDAP"));
  }
  if (request.critical_control) {
    return Fail(LdapResult::kUnavailableCriticalExtension, "",
                absl::InvalidArgumentError("a critical control"));
  }
  switch (request.kind) {
    case LdapBindRequest::Kind::kSimple:
      return OnSimple(request);
    case LdapBindRequest::Kind::kSasl:
      return OnSasl(request);
    case LdapBindRequest::Kind::kSicilyDiscovery:
    case LdapBindRequest::Kind::kSicilyNegotiate:
    case LdapBindRequest::Kind::kSicilyResponse:
      return OnSicily(request);
    case LdapBindRequest::Kind::kUnknown:
      break;
  }
  return Fail(LdapResult::kAuthMethodNotSupported, "",
              absl::InvalidArgumentError("an unknown authentication choice"));
}

LdapServerOutput LdapServer::Impl::OnSimple(const LdapBindRequest& request) {
  const bool password = request.credentials.has_value() && !request.credentials->empty();
  if (!password && request.name.empty()) {
    Forget();
    return Answer(LdapResult::kSuccess);
  }
  if (!password) {
    return Fail(LdapResult::kUnwillingToPerform, "a name without a password",
                absl::InvalidArgumentError("a name without a password"));
  }
  if (in_clear() && config_->require_signing()) {
    const LdapRefusal refusal = LdapRefusalOf(Reason::kSecurityLayerRequired);
    return Fail(refusal.result, refusal.diagnostic,
                absl::PermissionDeniedError("a password in the clear"));
  }
  return Fail(LdapResult::kAuthMethodNotSupported, "passwords are not taken here",
              absl::InvalidArgumentError("a bind with a password"));
}

bool LdapServer::Impl::Offers(MechanismType mechanism) const {
  const std::vector<MechanismType> offered = config_->sasl()->Offered(channel_);
  return std::ranges::find(offered, mechanism) != offered.end();
}

LdapServerOutput LdapServer::Impl::OnSasl(const LdapBindRequest& request) {
  const std::optional<MechanismType> mechanism = ParseMechanism(request.mechanism);
  if (!mechanism.has_value() || config_->sasl()->CredentialsOf(*mechanism) == nullptr) {
    return Fail(LdapResult::kAuthMethodNotSupported, "",
                absl::InvalidArgumentError("an unknown mechanism"));
  }
  if (!Offers(*mechanism)) {
    return Fail(LdapResult::kConfidentialityRequired, "",
                absl::InvalidArgumentError("a login before TLS"));
  }
  if (state_ == State::kSasl && exchange_->mechanism() == *mechanism) {
    return Conclude(exchange_->Step(request.credentials));
  }
  return Begin(*mechanism, State::kSasl, request.credentials);
}

LdapServerOutput LdapServer::Impl::OnSicily(const LdapBindRequest& request) {
  if (!config_->sicily() || !Offers(MechanismType::kNtlm)) {
    return Fail(LdapResult::kAuthMethodNotSupported, "",
                absl::InvalidArgumentError("Sicily, which is not offered"));
  }
  if (request.kind == LdapBindRequest::Kind::kSicilyDiscovery) {
    Forget();
    return Answer(
        LdapResult::kSuccess,
        Octets(reinterpret_cast<const uint8_t*>(kSicilyPackages.data()), kSicilyPackages.size()));
  }
  if (request.kind == LdapBindRequest::Kind::kSicilyNegotiate) {
    return Begin(MechanismType::kNtlm, State::kSicily, request.credentials);
  }
  if (state_ != State::kSicily) {
    return Fail(LdapResult::kInvalidCredentials,
                LdapRefusalOf(Reason::kUnexpectedMessage).diagnostic,
                absl::InvalidArgumentError("Sicily's response without its challenge"));
  }
  return Conclude(exchange_->Step(request.credentials));
}

// RFC 4511 4.2 and [MS-ADTS] 5.1.2.1: no layer of SASL's on top of TLS.
LayerRule LdapServer::Impl::Rule() const {
  if (!in_clear()) {
    return LayerRule::kRefused;
  }
  return config_->require_signing() ? LayerRule::kRequired : LayerRule::kAllowed;
}

LdapServerOutput LdapServer::Impl::Begin(MechanismType mechanism, State state,
                                         std::optional<Octets> credentials) {
  auto exchange = ServerExchange::Create(config_->sasl(), mechanism, Rule(), channel_, peer_);
  if (!exchange.ok()) {
    return Fail(LdapResult::kUnavailable, "", exchange.status());
  }
  exchange_ = *std::move(exchange);
  state_ = state;
  return Conclude(exchange_->Step(credentials));
}

LdapServerOutput LdapServer::Impl::Resume(std::unique_ptr<PendingWork> work) {
  if (!std::exchange(pending_, false) || work == nullptr) {
    return Close(absl::FailedPreconditionError("no work was pending"));
  }
  return Conclude(exchange_->Resume(std::move(work)));
}

LdapServerOutput LdapServer::Impl::Conclude(absl::StatusOr<ServerStep> step) {
  if (!step.ok()) {
    return Fail(LdapResult::kUnavailable, "", step.status());
  }
  LdapServerOutput output;
  switch (step->state) {
    case ServerStep::State::kPending:
      pending_ = true;
      output.pending_work = std::move(step->pending_work);
      return output;
    case ServerStep::State::kContinue:
      // Sicily's challenge comes with success ([MS-ADTS] 5.1.1.1.3).
      return Answer(
          state_ == State::kSicily ? LdapResult::kSuccess : LdapResult::kSaslBindInProgress,
          step->data);
    case ServerStep::State::kAccepted:
      output = Answer(LdapResult::kSuccess, step->data);
      state_ = State::kLoggedIn;
      return output;
    case ServerStep::State::kRefused:
      break;
  }
  const Reason reason = exchange_->reason();
  const LdapRefusal refusal = LdapRefusalOf(reason);
  return Fail(refusal.result, refusal.diagnostic,
              absl::PermissionDeniedError(std::string(ReasonText(reason))));
}

void LdapServer::Impl::Forget() {
  state_ = State::kAnonymous;
  pending_ = false;
  exchange_.reset();
}

LdapServerOutput LdapServer::Impl::Answer(LdapResult result, std::optional<Octets> credentials,
                                          std::string_view diagnostic) const {
  LdapServerOutput output;
  output.send = EncodeBindResponse({.message_id = message_id_,
                                    .result = result,
                                    .diagnostic = diagnostic,
                                    .credentials = credentials,
                                    .sicily = sicily_});
  return output;
}

LdapServerOutput LdapServer::Impl::Fail(LdapResult result, std::string_view diagnostic,
                                        absl::Status reason) {
  LdapServerOutput output = Answer(result, std::nullopt, diagnostic);
  Forget();
  output.reason = std::move(reason);
  return output;
}

LdapServerOutput LdapServer::Impl::Close(absl::Status reason) {
  Forget();
  state_ = State::kClosed;
  LdapServerOutput output;
  output.close = true;
  output.reason = std::move(reason);
  return output;
}

LdapServer::LdapServer(std::shared_ptr<const LdapServerConfig> config, Channel channel,
                       std::string peer)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(channel), std::move(peer))) {}
LdapServer::~LdapServer() = default;
LdapServer::LdapServer(LdapServer&&) noexcept = default;
LdapServer& LdapServer::operator=(LdapServer&&) noexcept = default;

bool LdapServer::IsBindRequest(Octets message) { return HasBindRequest(message); }
std::vector<std::string_view> LdapServer::SupportedMechanisms() const {
  return impl_->SupportedMechanisms();
}
LdapServerOutput LdapServer::Receive(Octets message) { return impl_->Receive(message); }
LdapServerOutput LdapServer::Resume(std::unique_ptr<PendingWork> work) {
  return impl_->Resume(std::move(work));
}
void LdapServer::Abort() { impl_->Abort(); }
bool LdapServer::in_progress() const { return impl_->in_progress(); }
const ServerExchange* LdapServer::login() const { return impl_->login(); }
SecurityLayer* LdapServer::layer() { return impl_->layer(); }

}  // namespace epa::sasl
