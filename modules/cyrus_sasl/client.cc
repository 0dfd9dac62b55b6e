#include "modules/cyrus_sasl/client.h"

#include <stdlib.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/core/reason.h"
#include "epa/defaults/defaults.h"
#include "epa/kerberos/kerberos.h"
#include "epa/ntlm/ntlm.h"
#include "epa/sasl/client_exchange.h"
#include "lib/base/status_macros.h"
#include "modules/cyrus_sasl/connection.h"
#include "modules/cyrus_sasl/prompts.h"

namespace epa::cyrus_sasl {
namespace {

using sasl::ClientExchange;
using sasl::ClientStep;
using sasl::Layer;
using sasl::MechanismType;

// The weakest key that encrypts in a layer of these mechanisms: NTLM's and AES-128.
constexpr sasl_ssf_t kLeastKeyBits = 128;

std::string TextOf(const char* text) { return text == nullptr ? "" : text; }

// As libkrb5 itself finds them: KRB5CCNAME and KRB5_CONFIG are what its users expect.
kerberos::InitiatorOptions TicketsOfUser() {
  kerberos::InitiatorOptions options;
  const char* const cache = secure_getenv("KRB5CCNAME");
  options.default_credential_cache = cache == nullptr || *cache == '\0';
  if (!options.default_credential_cache) {
    options.credential_cache = cache;
  }
  options.configuration.path = TextOf(secure_getenv("KRB5_CONFIG"));
  return options;
}

// The best that may be had; less is taken where the server gives less and the program allows it.
Layer BestLayer(const LayerDemand& demand, MechanismType mechanism, std::string_view service) {
  // Servers of mail make nothing of the flags.
  const bool by_flags_alone = mechanism != MechanismType::kGssapi && !IsLdap(service);
  if (!demand.possible || (by_flags_alone && demand.strength.least == 0)) {
    return Layer::kNone;
  }
  return demand.strength.most >= kLeastKeyBits ? Layer::kConfidentiality : Layer::kIntegrity;
}

std::string NameOf(const InitiatorName& name) {
  if (!name.principal.empty()) {
    return name.principal;
  }
  return name.domain.empty() ? name.user : name.user + "@" + name.domain;
}

}  // namespace

// One login.
class ClientLogin : public Login {
 public:
  explicit ClientLogin(MechanismType mechanism) : mechanism_(mechanism) {}

  static int New(void* mechanism, sasl_client_params_t* params, void** login);
  static int Step(void* login, sasl_client_params_t* params, const char* in, unsigned in_size,
                  sasl_interact_t** need, const char** out, unsigned* out_size,
                  sasl_out_params_t* result);
  static void Dispose(void* login, const sasl_utils_t* utils);

 private:
  int Begin(sasl_client_params_t& params, sasl_interact_t** need, ClientStep& step);
  // SASL_OK: the questions of this mechanism have their answers, or need none.
  int Ask(const sasl_utils_t& utils, sasl_interact_t** need);
  absl::StatusOr<std::shared_ptr<const Credentials>> MakeCredentials() const;
  absl::StatusOr<std::unique_ptr<ClientExchange>> CreateExchange(
      const sasl_client_params_t& params) const;
  int Settle(absl::StatusOr<ClientStep> given, const sasl_utils_t& utils, ClientStep& step);
  int Finish(const sasl_client_params_t& params, sasl_out_params_t& result);
  int Fail(const sasl_utils_t& utils, int code, const std::string& text) const;

  const MechanismType mechanism_;
  bool questions_made_ = false;
  Prompts prompts_;
  std::unique_ptr<ClientExchange> exchange_;
};

int ClientLogin::New(void* mechanism, sasl_client_params_t* params, void** login) {
  return Guarded([&] {
    const auto& own = *static_cast<ClientPlugin::Mechanism*>(mechanism);
    if (DemandOf(params->props, params->external_ssf).impossible()) {
      return SASL_TOOWEAK;
    }
    *login = static_cast<Login*>(std::make_unique<ClientLogin>(own.type).release());
    return SASL_OK;
  });
}

int ClientLogin::Step(void* login, sasl_client_params_t* params, const char* in, unsigned in_size,
                      sasl_interact_t** need, const char** out, unsigned* out_size,
                      sasl_out_params_t* result) {
  *out = nullptr;
  *out_size = 0;
  return Guarded([&] {
    auto& own = *Login::At<ClientLogin>(login);
    ClientStep step;
    int code = SASL_OK;
    if (own.exchange_ == nullptr) {
      code = own.Begin(*params, need, step);
    } else {
      const std::span octets(reinterpret_cast<const uint8_t*>(in), in == nullptr ? 0 : in_size);
      code = own.Settle(own.exchange_->Step(octets), *params->utils, step);
    }
    if (code != SASL_OK) {
      return code;
    }
    if (step.data.has_value()) {
      own.GiveOut(*std::move(step.data), out, out_size);
    }
    return own.exchange_->done() ? own.Finish(*params, *result) : SASL_CONTINUE;
  });
}

int ClientLogin::Begin(sasl_client_params_t& params, sasl_interact_t** need, ClientStep& step) {
  const int asked = Ask(*params.utils, need);
  if (asked != SASL_OK) {
    return asked;
  }
  auto exchange = CreateExchange(params);
  if (!exchange.ok()) {
    return Fail(*params.utils, SASL_FAIL, std::string(exchange.status().message()));
  }
  exchange_ = *std::move(exchange);
  return Settle(exchange_->Begin(), *params.utils, step);
}

int ClientLogin::Ask(const sasl_utils_t& utils, sasl_interact_t** need) {
  if (!questions_made_) {
    questions_made_ = true;
    bool password = mechanism_ == MechanismType::kNtlm;
    if (mechanism_ == MechanismType::kGssSpnego) {
      // Who has tickets is asked for no password.
      const auto tickets = kerberos::CreateInitiatorCredentials(TicketsOfUser());
      password = !tickets.ok() || (*tickets)->initiator_name().principal.empty();
    }
    if (password) {
      prompts_.Want(SASL_CB_AUTHNAME, "Please enter your authentication name");
      prompts_.Want(SASL_CB_PASS, "Please enter your password");
    }
    if (mechanism_ == MechanismType::kGssapi) {
      prompts_.Want(SASL_CB_USER, "Please enter your authorization name");
    }
  }
  return prompts_.Ask(utils, need);
}

absl::StatusOr<std::shared_ptr<const Credentials>> ClientLogin::MakeCredentials() const {
  ClientPackages packages;
  const std::optional<SecretBytes>& password = prompts_.AnswerTo(SASL_CB_PASS);
  if (password.has_value()) {
    packages.ntlm.emplace();
    packages.ntlm->user = prompts_.TextAnswerTo(SASL_CB_AUTHNAME);
    packages.ntlm->password = SecretBytes(password->Expose());
  }
  switch (mechanism_) {
    case MechanismType::kGssapi:
      return kerberos::CreateInitiatorCredentials(TicketsOfUser());
    case MechanismType::kNtlm:
      if (packages.ntlm.has_value()) {
        return ntlm::CreateInitiatorCredentials(*std::move(packages.ntlm));
      }
      return absl::FailedPreconditionError("NTLM needs a name and a password");
    case MechanismType::kGssSpnego:
      break;
  }
  if (!packages.ntlm.has_value()) {
    packages.kerberos = TicketsOfUser();
  }
  return CreateClientCredentials(std::move(packages));
}

absl::StatusOr<std::unique_ptr<ClientExchange>> ClientLogin::CreateExchange(
    const sasl_client_params_t& params) const {
  const std::string service = TextOf(params.service);
  const LayerDemand demand = DemandOf(params.props, params.external_ssf);
  sasl::ClientOptions options;
  options.mechanism = mechanism_;
  EPA_ASSIGN_OR_RETURN(options.credentials, MakeCredentials());
  EPA_ASSIGN_OR_RETURN(options.channel, GivenChannel(params.cbinding));
  if (!options.channel.has_value()) {
    options.channel = Channel::Plain();
    // "I have no channel" would be a lie inside TLS, which programs of mail do not tell of.
    if (params.external_ssf > 0 || !IsLdap(service)) {
      options.parameters.binding = BindingRequest::kOmit;
    }
  }
  options.parameters.target_name = service + "/" + TextOf(params.serverFQDN);
  options.layer = BestLayer(demand, mechanism_, service);
  options.weaker_layers = true;
  options.strength = demand.strength;
  if (mechanism_ == MechanismType::kGssapi) {
    options.authorization_identity = prompts_.TextAnswerTo(SASL_CB_USER);
    if (demand.possible) {
      options.max_message = params.props.maxbufsize;
    }
  }
  return ClientExchange::Create(std::move(options));
}

int ClientLogin::Settle(absl::StatusOr<ClientStep> given, const sasl_utils_t& utils,
                        ClientStep& step) {
  while (given.ok() && given->state == ClientStep::State::kPending) {
    given->pending_work->Run();
    given = exchange_->Resume(std::move(given->pending_work));
  }
  if (!given.ok()) {
    return Fail(utils, SASL_FAIL, std::string(given.status().message()));
  }
  if (given->state == ClientStep::State::kRefused) {
    const std::string& detail = exchange_->reason_detail();
    return Fail(
        utils, SASL_FAIL,
        std::string(ReasonText(exchange_->reason())) + (detail.empty() ? "" : ": " + detail));
  }
  step = *std::move(given);
  return SASL_OK;
}

// libsasl2 does not say what the server's last word is: the program goes by it.
int ClientLogin::Finish(const sasl_client_params_t& params, sasl_out_params_t& result) {
  const absl::StatusOr<ClientStep> end = exchange_->Conclude(std::nullopt);
  const absl::StatusOr<ServerIdentity> server = exchange_->context()->server();
  const absl::StatusOr<InitiatorName> self = exchange_->context()->initiator_name();
  if (!end.ok() || !exchange_->complete() || !server.ok() || !self.ok()) {
    return SASL_FAIL;
  }
  if ((params.props.security_flags & SASL_SEC_MUTUAL_AUTH) != 0 &&
      !server->mutually_authenticated) {
    return Fail(*params.utils, SASL_BADSERV, "the server did not prove itself");
  }
  const std::string name = NameOf(*self);
  const std::string other =
      mechanism_ == MechanismType::kGssapi ? prompts_.TextAnswerTo(SASL_CB_USER) : "";
  const unsigned flags = SASL_CU_AUTHID | (other.empty() ? SASL_CU_AUTHZID : 0U);
  int code = params.canon_user(params.utils->conn, name.c_str(), static_cast<unsigned>(name.size()),
                               flags, &result);
  if (code == SASL_OK && !other.empty()) {
    code = params.canon_user(params.utils->conn, other.c_str(), static_cast<unsigned>(other.size()),
                             SASL_CU_AUTHZID, &result);
  }
  if (code != SASL_OK) {
    return code;
  }
  StartLayer(exchange_->layer(), *exchange_->context(), result);
  result.doneflag = 1;
  result.param_version = 0;
  return SASL_OK;
}

int ClientLogin::Fail(const sasl_utils_t& utils, int code, const std::string& text) const {
  utils.seterror(utils.conn, 0, "%s",
                 (std::string(MechanismName(mechanism_)) + ": " + text).c_str());
  return code;
}

void ClientLogin::Dispose(void* login, const sasl_utils_t* /*utils*/) {
  delete Login::At<ClientLogin>(login);
}

ClientPlugin::ClientPlugin() {
  // None: who is asked for what is known at a login.
  static constexpr unsigned long kNoPrompts[] = {SASL_CB_LIST_END};
  for (size_t i = 0; i < kMechanisms; ++i) {
    const MechanismType type = sasl::kMechanismTypes[i];
    contexts_[i] = {this, type};
    auto plug = Describe<sasl_client_plug_t>(type);
    plug.features |= SASL_FEAT_NEEDSERVERFQDN;
    plug.required_prompts = kNoPrompts;
    plug.glob_context = &contexts_[i];
    plug.mech_new = ClientLogin::New;
    plug.mech_step = ClientLogin::Step;
    plug.mech_dispose = ClientLogin::Dispose;
    plug.mech_free = Free;
    mechanisms_[i] = plug;
  }
}

void ClientPlugin::Free(void* mechanism, const sasl_utils_t* /*utils*/) {
  ClientPlugin* const plugin = static_cast<Mechanism*>(mechanism)->plugin;
  if (--plugin->in_use_ == 0) {
    delete plugin;
  }
}

}  // namespace epa::cyrus_sasl
