#include "modules/gss/kerberos_login.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "epa/core/security_context.h"
#include "modules/gss/services.h"
#include "modules/gss/status.h"
#include "providers/kerberos/gss_framing.h"

namespace epa::gss {
namespace {

// Keeps the one event of a login until it is known what Kerberos says.
class HeldAudit final : public AuditSink {
 public:
  void OnEvent(const AuditEvent& event) override { event_ = event; }
  std::optional<AuditEvent>& event() { return event_; }

 private:
  std::optional<AuditEvent> event_;
};

// One login: the bindings it is to have, and what is to be told.
struct KerberosLogin {
  std::shared_ptr<AuditSink> audit;
  std::shared_ptr<HeldAudit> held;  // null where nobody hears the audit
  std::optional<ChannelBindings> bindings;
  gss_channel_bindings_struct for_kerberos = {};
  PeerIdentity peer;
};

gss_buffer_desc BufferOf(const std::vector<uint8_t>& octets) {
  return {octets.size(), const_cast<uint8_t*>(octets.data())};
}

void Bind(const ChannelBindings& bindings, KerberosLogin& login) {
  login.bindings = bindings;
  const ChannelBindingFields& fields = login.bindings->fields();
  login.for_kerberos = {fields.initiator_address_type, BufferOf(fields.initiator_address),
                        fields.acceptor_address_type, BufferOf(fields.acceptor_address),
                        BufferOf(fields.application_data)};
}

KerberosVerdict Refusal(Reason reason) {
  return {MajorOf(reason), MinorOf(reason), nullptr, nullptr, nullptr};
}

KerberosVerdict Fault(const std::string& text) {
  Log("a Kerberos login is refused: " + text);
  return {GSS_S_FAILURE, MinorOf(Reason::kInternalFault), nullptr, nullptr, nullptr};
}

// The first tokens of the last logins that this process began itself.
class OwnTokens {
 public:
  void Add(std::span<const uint8_t> token) {
    const std::lock_guard lock(mutex_);
    last_[next_++ % last_.size()].assign(token.begin(), token.end());
  }
  bool Has(std::span<const uint8_t> token) {
    const std::lock_guard lock(mutex_);
    return !token.empty() && std::ranges::any_of(last_, [token](const std::vector<uint8_t>& own) {
      return std::ranges::equal(own, token);
    });
  }

 private:
  std::mutex mutex_;
  size_t next_ = 0;
  std::array<std::vector<uint8_t>, 16> last_;
};

OwnTokens& OwnTokensOfThisProcess() {
  static auto& tokens = *new OwnTokens();
  return tokens;
}

std::span<const uint8_t> OctetsOf(const gss_buffer_desc* token) {
  return token == nullptr || token->value == nullptr
             ? std::span<const uint8_t>()
             : std::span(static_cast<const uint8_t*>(token->value), token->length);
}

// The service that a ticket says it is for decides which section it belongs to. Nothing protects
// that name; but the section's keytab must open the ticket, or else Kerberos refuses it.
const ConfiguredService* ServiceFor(const ConfiguredServices& services,
                                    std::span<const uint8_t> token) {
  if (!services.empty() && services.front().acceptors.empty()) {
    return &services.front();  // it takes all, and one need not look for which
  }
  kerberos::TicketNames names;
  if (const auto framed = kerberos::ReadFramedMessage(token);
      framed.ok() && framed->kind == kerberos::MessageKind::kApReq) {
    if (const auto read = kerberos::ReadTicketNames(framed->message); read.ok()) {
      names = *read;
    }
  }
  const auto found = std::ranges::find_if(services, [&names](const ConfiguredService& service) {
    return service.Accepts(names.service());
  });
  if (found != services.end()) {
    return &*found;
  }
  // What is no ticket is refused by any of them.
  const auto any = std::ranges::find_if(
      services, [](const ConfiguredService& service) { return service.service != nullptr; });
  return names.count == 0 && any != services.end() ? &*any : nullptr;
}

// Which certificate it was, where there are several.
std::string MatchedCertificate(const service::ServiceParts& parts, const ChannelBindings& matched) {
  if (parts.certificates == nullptr || parts.settings.certificates.empty()) {
    return "";
  }
  for (const tls::CertificateOnFile& file : parts.certificates->List()) {
    if (file.binding.bindings.has_value() && file.binding.bindings->token() == matched.token()) {
      return "the certificate of " + file.path;
    }
  }
  return "";
}

// Null for guests and anonymous clients, whose names Kerberos displays in other ways.
const char* KeepTextOfName(const SecurityContext& context, KerberosLogin& login) {
  auto peer = context.peer();
  if (!peer.ok()) {
    return nullptr;
  }
  login.peer = *std::move(peer);
  const AccountIdentity* const account = login.peer.account();
  return account != nullptr && account->authorization != nullptr
             ? account->authorization->principal.c_str()
             : nullptr;
}

KerberosVerdict Judge(const LoginRules& rules, std::span<const uint8_t> token) {
  const service::ServiceParts& parts = *rules.parts;
  if (parts.packages.kerberos == nullptr) {
    return Fault("there is no keytab for this service");
  }
  auto login = std::make_unique<KerberosLogin>();
  login->audit = parts.audit;
  if (parts.audit != NoAudit()) {
    login->held = std::make_shared<HeldAudit>();
  }
  AcceptOptions options;
  options.credentials = parts.packages.kerberos;
  options.policy = rules.policy;
  options.channel = rules.channel;
  options.audit = login->held != nullptr ? std::shared_ptr<AuditSink>(login->held) : NoAudit();
  auto context = SecurityContext::Accept(std::move(options));
  if (!context.ok()) {
    return Fault(std::string(context.status().message()));
  }
  const auto step = StepBlocking(**context, token);
  if (!step.ok() || step->state != StepState::kEstablished) {
    if (login->held != nullptr && login->held->event().has_value()) {
      parts.audit->OnEvent(*login->held->event());
    }
    return step.ok() ? Refusal((*context)->reason()) : Fault(std::string(step.status().message()));
  }
  const auto evidence = (*context)->evidence();
  if (evidence.ok() && evidence->matched_binding.has_value()) {
    const ChannelBindings& matched = rules.channel.bindings()[*evidence->matched_binding];
    Bind(matched, *login);
    if (login->held != nullptr && rules.channel.bindings().size() > 1) {
      login->held->event()->detail = MatchedCertificate(parts, matched);
    }
  }
  KerberosVerdict verdict = {GSS_S_COMPLETE, 0, GSS_C_NO_CHANNEL_BINDINGS, nullptr, nullptr};
  if (login->bindings.has_value()) {
    verdict.bindings = &login->for_kerberos;
  }
  verdict.client = KeepTextOfName(**context, *login);
  verdict.login = login.release();
  return verdict;
}

// It has begun and ended in this process: there is no channel to be bound to.
LoginRules WithoutChannel(LoginRules rules) {
  rules.policy = LegacyPolicy();
  rules.channel = Channel::Plain();
  return rules;
}

}  // namespace

KerberosVerdict InspectKerberos(const gss_buffer_desc* token, gss_channel_bindings_t given) {
  const auto services = Services::OfThisProcess().Current();
  if (!services.ok()) {
    return Fault(std::string(services.status().message()));
  }
  const std::span<const uint8_t> octets = OctetsOf(token);
  const ConfiguredService* const configured = ServiceFor(**services, octets);
  if (configured == nullptr) {
    return Fault("no section of the configuration has an acceptor of that name");
  }
  if (configured->service == nullptr) {
    return {GSS_S_COMPLETE, 0, given, nullptr, nullptr};  // off
  }
  auto rules = RulesOf(*configured, given);
  if (!rules.ok()) {
    return Fault(std::string(rules.status().message()));
  }
  const bool own = rules->parts->settings.own_logins && OwnTokensOfThisProcess().Has(octets);
  return Judge(own ? WithoutChannel(*std::move(rules)) : *rules, octets);
}

void ConcludeKerberos(void* login, OM_uint32 major) {
  const std::unique_ptr<KerberosLogin> ended(static_cast<KerberosLogin*>(login));
  if (ended == nullptr || ended->held == nullptr || !ended->held->event().has_value()) {
    return;
  }
  AuditEvent& event = *ended->held->event();
  if (GSS_ERROR(major)) {
    event.outcome = AuditOutcome::kRefused;
    event.reason = Reason::kTicketInvalid;
    event.status = StatusOf(event.reason);
    event.detail = "Kerberos itself refused it afterwards, as it does a replay";
  }
  ended->audit->OnEvent(event);
}

void KerberosInitiated(const gss_buffer_desc* token) {
  OwnTokensOfThisProcess().Add(OctetsOf(token));
}

}  // namespace epa::gss
