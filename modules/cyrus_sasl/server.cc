#include "modules/cyrus_sasl/server.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/core/identity.h"
#include "epa/core/reason.h"
#include "epa/sasl/server_exchange.h"
#include "lib/base/status_macros.h"
#include "modules/cyrus_sasl/connection.h"
#include "modules/cyrus_sasl/log.h"
#include "modules/process/services.h"

namespace epa::cyrus_sasl {
namespace {

using sasl::LayerRule;
using sasl::MechanismType;
using sasl::ServerExchange;
using sasl::ServerStep;

// What a GSSAPI client is told at most; RFC 4752 3.1.
constexpr unsigned kMostTold = 0xFFFFFF;

std::string_view TextOf(const char* text) { return text == nullptr ? "" : text; }

// "192.0.2.1;389" is "192.0.2.1:389", "2001:db8::1;389" is "[2001:db8::1]:389".
std::string PeerOf(const char* address) {
  const std::string_view text = TextOf(address);
  const size_t semicolon = text.rfind(';');
  if (semicolon == std::string_view::npos) {
    return std::string(text);
  }
  const std::string host(text.substr(0, semicolon));
  const bool six = host.find(':') != std::string::npos;
  return (six ? "[" + host + "]" : host) + ":" + std::string(text.substr(semicolon + 1));
}

LayerRule RuleOf(const LayerDemand& demand, MechanismType mechanism,
                 const sasl_server_params_t& params, const service::ServiceSettings& settings) {
  const bool ldap = IsLdap(TextOf(params.service));
  if (!demand.possible || (mechanism == MechanismType::kNtlm && !ldap)) {
    return ldap ? LayerRule::kRefused : LayerRule::kNever;
  }
  return demand.strength.least > 0 || settings.require_signing.value_or(false)
             ? LayerRule::kRequired
             : LayerRule::kAllowed;
}

// TLS that the program says it has and tells nothing of has no binding, and is not let be: with
// `gss = application` it would be, as a login without TLS is.
std::optional<Channel> OrUnknownTls(std::optional<Channel> given,
                                    const sasl_server_params_t& params,
                                    const service::ServiceParts& parts) {
  const bool remote = TextOf(params.ipremoteport).find(';') != std::string_view::npos;
  const bool application = parts.settings.gss == service::GssRule::kApplication;
  if (!given.has_value() && application && params.external_ssf > 0 && remote) {
    return Channel::Tls(std::make_shared<const ChannelBindingsList>());
  }
  return given;
}

std::string NameOf(const AccountIdentity& account) {
  return account.user + "@" + (account.dns_domain.empty() ? account.domain : account.dns_domain);
}

int CodeOf(Reason reason) {
  if (reason == Reason::kAuthorizationRefused) {
    return SASL_NOAUTHZ;
  }
  const bool layer =
      reason == Reason::kSecurityLayerRequired || reason == Reason::kSecurityLayerForbidden;
  return layer ? SASL_TOOWEAK : SASL_BADAUTH;
}

int TakeName(const sasl_server_params_t& params, const std::string& name, unsigned what,
             sasl_out_params_t& result) {
  return params.canon_user(params.utils->conn, name.c_str(), static_cast<unsigned>(name.size()),
                           what | SASL_CU_EXTERNALLY_VERIFIED, &result);
}

}  // namespace

// One login.
class ServerLogin : public Login {
 public:
  static int New(void* mechanism, sasl_server_params_t* params, const char* challenge,
                 unsigned size, void** login);
  static int Step(void* login, sasl_server_params_t* params, const char* in, unsigned in_size,
                  const char** out, unsigned* out_size, sasl_out_params_t* result);
  static void Dispose(void* login, const sasl_utils_t* utils);
  static int IsAvailable(void* mechanism, sasl_server_params_t* params, void** login);

 private:
  absl::Status Begin(std::shared_ptr<const service::ServiceParts> shared, MechanismType mechanism,
                     const sasl_server_params_t& params);
  int Take(const sasl_server_params_t& params, std::optional<std::span<const uint8_t>> response,
           const char** out, unsigned* out_size, sasl_out_params_t& result);
  int Finish(const sasl_server_params_t& params, sasl_out_params_t& result);
  bool IsGranted(const sasl_server_params_t& params, const PeerIdentity& client,
                 std::string_view identity);

  std::unique_ptr<ServerExchange> exchange_;
  // As whom the program lets the client act; empty: as itself.
  std::string granted_;
  // Of the step that is under way.
  const sasl_server_params_t* params_ = nullptr;
};

int ServerLogin::New(void* mechanism, sasl_server_params_t* params, const char* /*challenge*/,
                     unsigned /*size*/, void** login) {
  return Guarded([&] {
    const auto& own = *static_cast<ServerPlugin::Mechanism*>(mechanism);
    const auto refuse = [&](const absl::Status& status) {
      Log(*params->utils, SASL_LOG_ERR,
          std::string(MechanismName(own.type)) + ": refused: " + std::string(status.message()));
      return absl::IsFailedPrecondition(status) ? SASL_NOMECH : SASL_FAIL;
    };
    const auto parts = own.plugin->configuration().PartsOf(TextOf(params->service));
    if (!parts.ok()) {
      return refuse(parts.status());
    }
    auto made = std::make_unique<ServerLogin>();
    const absl::Status begun = made->Begin(*parts, own.type, *params);
    if (!begun.ok()) {
      return refuse(begun);
    }
    *login = static_cast<Login*>(made.release());
    return SASL_OK;
  });
}

absl::Status ServerLogin::Begin(std::shared_ptr<const service::ServiceParts> shared,
                                MechanismType mechanism, const sasl_server_params_t& params) {
  const service::ServiceParts& parts = *shared;
  EPA_ASSIGN_OR_RETURN(std::optional<Channel> given, GivenChannel(params.cbinding));
  EPA_ASSIGN_OR_RETURN(process::LoginRules rules,
                       process::RulesOf(shared, OrUnknownTls(std::move(given), params, parts)));
  const LayerDemand demand = DemandOf(params.props, params.external_ssf);
  const LayerRule rule = RuleOf(demand, mechanism, params, parts.settings);
  sasl::ServerOptions options;
  options.kerberos = parts.packages.kerberos;
  options.negotiate = parts.packages.negotiate;
  options.ntlm = parts.packages.ntlm;
  options.policy = rules.policy;
  options.audit = parts.audit;
  // Whether to log in without TLS is for the program.
  options.offer_in_clear = rules.channel.kind() == ChannelKind::kPlain;
  options.authorize = [this](const PeerIdentity& client, std::string_view identity) {
    return IsGranted(*params_, client, identity);
  };
  if (demand.possible) {
    options.max_message = std::min(params.props.maxbufsize, kMostTold);
  }
  EPA_ASSIGN_OR_RETURN(auto config, sasl::ServerConfig::Create(std::move(options)));
  EPA_ASSIGN_OR_RETURN(exchange_,
                       ServerExchange::Create(std::move(config), mechanism, rule, rules.channel,
                                              PeerOf(params.ipremoteport), demand.strength));
  return absl::OkStatus();
}

int ServerLogin::Step(void* login, sasl_server_params_t* params, const char* in, unsigned in_size,
                      const char** out, unsigned* out_size, sasl_out_params_t* result) {
  *out = nullptr;
  *out_size = 0;
  return Guarded([&] {
    std::optional<std::span<const uint8_t>> response;
    if (in != nullptr) {
      response = std::span(reinterpret_cast<const uint8_t*>(in), in_size);
    }
    return Login::At<ServerLogin>(login)->Take(*params, response, out, out_size, *result);
  });
}

int ServerLogin::Take(const sasl_server_params_t& params,
                      std::optional<std::span<const uint8_t>> response, const char** out,
                      unsigned* out_size, sasl_out_params_t& result) {
  params_ = &params;
  absl::StatusOr<ServerStep> step = exchange_->Step(response);
  while (step.ok() && step->state == ServerStep::State::kPending) {
    step->pending_work->Run();
    step = exchange_->Resume(std::move(step->pending_work));
  }
  const std::string mechanism(MechanismName(exchange_->mechanism()));
  if (!step.ok()) {
    Log(*params.utils, SASL_LOG_ERR, mechanism + ": " + std::string(step.status().message()));
    return absl::IsUnavailable(step.status()) ? SASL_UNAVAIL : SASL_FAIL;
  }
  if (step->state == ServerStep::State::kRefused) {
    const std::string& detail = exchange_->reason_detail();
    Log(*params.utils, SASL_LOG_FAIL,
        mechanism + " login from " + PeerOf(params.ipremoteport) + " refused: " +
            std::string(ReasonName(exchange_->reason())) + (detail.empty() ? "" : ": " + detail));
    return CodeOf(exchange_->reason());
  }
  if (step->data.has_value()) {
    GiveOut(*std::move(step->data), out, out_size);
  }
  return step->state == ServerStep::State::kContinue ? SASL_CONTINUE : Finish(params, result);
}

int ServerLogin::Finish(const sasl_server_params_t& params, sasl_out_params_t& result) {
  const absl::StatusOr<PeerIdentity> peer = exchange_->context()->peer();
  const AccountIdentity* const account = peer.ok() ? peer->account() : nullptr;
  if (account == nullptr) {
    return SASL_BADAUTH;
  }
  const std::string name = NameOf(*account);
  // Who it is, is known, and as whom it acts, decided: nobody looks for them in SASL's own
  // database.
  const unsigned own = granted_.empty() ? SASL_CU_AUTHID | SASL_CU_AUTHZID : SASL_CU_AUTHID;
  int code = TakeName(params, name, own, result);
  if (code == SASL_OK && !granted_.empty()) {
    code = TakeName(params, granted_, SASL_CU_AUTHZID, result);
  }
  if (code != SASL_OK) {
    Log(*params.utils, SASL_LOG_ERR, "the program does not take the name " + name);
    return code;
  }
  const bool used = params.cbinding != nullptr &&
                    exchange_->context()->binding_evidence() == BindingEvidence::kMatched;
  result.cbindingdisp = used ? SASL_CB_DISP_USED : SASL_CB_DISP_NONE;
  // libsasl2 compares it with the program's own.
  result.cbindingname = used ? params.cbinding->name : nullptr;
  StartLayer(exchange_->layer(), *exchange_->context(), result);
  result.doneflag = 1;
  result.param_version = 0;
  return SASL_OK;
}

// libsasl2 asks the same when all is done; the audit is told before that.
bool ServerLogin::IsGranted(const sasl_server_params_t& params, const PeerIdentity& client,
                            std::string_view identity) {
  const sasl_utils_t& utils = *params.utils;
  sasl_callback_ft function = nullptr;
  void* context = nullptr;
  if (client.account() == nullptr ||
      utils.getcallback(utils.conn, SASL_CB_PROXY_POLICY, &function, &context) != SASL_OK ||
      function == nullptr) {
    return false;
  }
  std::string name = NameOf(*client.account());
  std::string wanted(identity);
  const auto policy = FunctionOf<sasl_authorize_t>(function);
  const bool granted =
      policy(utils.conn, context, wanted.c_str(), static_cast<unsigned>(wanted.size()),
             name.c_str(), static_cast<unsigned>(name.size()), params.user_realm, params.urlen,
             params.propctx) == SASL_OK;
  granted_ = granted ? std::move(wanted) : "";
  return granted;
}

void ServerLogin::Dispose(void* login, const sasl_utils_t* /*utils*/) {
  delete Login::At<ServerLogin>(login);
}

// What there are no credentials for is not listed. A configuration with a fault lists all, so that
// a login fails with a word in the log.
int ServerLogin::IsAvailable(void* mechanism, sasl_server_params_t* params, void** /*login*/) {
  return Guarded([&] {
    const auto& own = *static_cast<ServerPlugin::Mechanism*>(mechanism);
    const auto parts = own.plugin->configuration().PartsOf(TextOf(params->service));
    if (!parts.ok()) {
      return SASL_OK;
    }
    const service::Packages& packages = (*parts)->packages;
    const bool there = (own.type == MechanismType::kGssapi && packages.kerberos != nullptr) ||
                       (own.type == MechanismType::kGssSpnego && packages.negotiate != nullptr) ||
                       (own.type == MechanismType::kNtlm && packages.ntlm != nullptr);
    const LayerDemand demand = DemandOf(params->props, params->external_ssf);
    return there && !demand.impossible() ? SASL_OK : SASL_NOMECH;
  });
}

ServerPlugin::ServerPlugin(const sasl_utils_t& utils) : configuration_(utils) {
  for (size_t i = 0; i < kMechanisms; ++i) {
    const MechanismType type = sasl::kMechanismTypes[i];
    contexts_[i] = {this, type};
    auto plug = Describe<sasl_server_plug_t>(type);
    plug.features |= SASL_FEAT_DONTUSE_USERPASSWD;
    plug.glob_context = &contexts_[i];
    plug.mech_new = ServerLogin::New;
    plug.mech_step = ServerLogin::Step;
    plug.mech_dispose = ServerLogin::Dispose;
    plug.mech_free = Free;
    plug.mech_avail = ServerLogin::IsAvailable;
    mechanisms_[i] = plug;
  }
}

void ServerPlugin::Free(void* mechanism, const sasl_utils_t* /*utils*/) {
  ServerPlugin* const plugin = static_cast<Mechanism*>(mechanism)->plugin;
  if (--plugin->in_use_ == 0) {
    delete plugin;
  }
}

}  // namespace epa::cyrus_sasl
