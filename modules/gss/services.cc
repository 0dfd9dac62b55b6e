#include "modules/gss/services.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "modules/gss/process_names.h"
#include "modules/gss/status.h"

namespace epa::gss {
namespace {

using service::ConfigurationFile;
using service::GivenSetting;
using service::GssRule;
using service::ServiceName;
using service::ServiceSettings;

constexpr char kDefaultKeytab[] = "/etc/krb5.keytab";

// "http intranet", as EPA_SERVICE says it.
std::string PlainTitle(const ServiceName& name) {
  const std::string title = SectionTitle(name);
  return title.substr(1, title.size() - 2);
}

bool IsOurs(const ServiceName& name, const ServiceSettings& settings) {
  if (const char* const named = ServiceOfEnvironment()) {
    return PlainTitle(name) == named;
  }
  return std::ranges::any_of(settings.executables, IsThisProcess);
}

void AddDefault(const char* name, const char* value, const char* where,
                const ServiceSettings& settings, std::vector<GivenSetting>& defaults) {
  if (value != nullptr && *value != '\0' && !settings.Has(name)) {
    defaults.push_back({name, value, where, "", /*inherited=*/true});
  }
}

// What MIT's and gss-ntlmssp's users expect where the section says nothing.
std::vector<GivenSetting> DefaultsFor(const ServiceSettings& settings) {
  constexpr std::string_view kFile = "FILE:";
  std::vector<GivenSetting> defaults;
  const char* keytab = secure_getenv("KRB5_KTNAME");
  if (keytab != nullptr && std::string_view(keytab).starts_with(kFile)) {
    keytab += kFile.size();
  }
  if (keytab == nullptr) {
    keytab = kDefaultKeytab;
  }
  // Without one Kerberos is refused, and NTLM may be all there is.
  if (access(keytab, R_OK) == 0) {
    AddDefault("keytab", keytab, "the default keytab", settings, defaults);
  }
  AddDefault("krb5-config", secure_getenv("KRB5_CONFIG"), "KRB5_CONFIG", settings, defaults);
  AddDefault("accounts", secure_getenv("NTLM_USER_FILE"), "NTLM_USER_FILE", settings, defaults);
  return defaults;
}

absl::StatusOr<ConfiguredService> Configure(const ServiceName& name,
                                            const ServiceSettings& settings) {
  ConfiguredService configured{.name = name,
                               .rule = settings.gss.value_or(GssRule::kCertificate),
                               .acceptors = settings.acceptors,
                               .service = nullptr};
  if (configured.rule == GssRule::kOff) {
    return configured;
  }
  service::ServiceOptions options;
  options.service = name;
  options.configuration = ConfigurationPath();
  options.overrides = DefaultsFor(settings);
  options.tls_end = service::TlsEnd::kElsewhere;
  options.inspect_kerberos = true;
  options.watch_configuration = true;
  options.observer = [](std::string_view what, const absl::Status& status) {
    if (!status.ok()) {
      Log(std::string(what) + ": " + std::string(status.message()));
    }
  };
  EPA_ASSIGN_OR_RETURN(configured.service, service::Service::Create(std::move(options)));
  return configured;
}

absl::StatusOr<ConfiguredServices> ReadAll() {
  auto file = ConfigurationFile::Read(ConfigurationPath());
  if (absl::IsNotFound(file.status()) && ServiceOfEnvironment() == nullptr) {
    return ConfiguredServices();
  }
  EPA_RETURN_IF_ERROR(file.status());
  ConfiguredServices all;
  for (const ServiceName& name : file->services()) {
    EPA_ASSIGN_OR_RETURN(const service::ConfiguredService section, file->Find(name));
    EPA_ASSIGN_OR_RETURN(const ServiceSettings settings,
                         ReadSettings(name.protocol, section.settings, section.front_end));
    if (IsOurs(name, settings)) {
      EPA_ASSIGN_OR_RETURN(ConfiguredService configured, Configure(name, settings));
      all.push_back(std::move(configured));
    }
  }
  if (all.empty() && ServiceOfEnvironment() != nullptr) {
    return absl::NotFoundError(std::string("EPA_SERVICE '") + ServiceOfEnvironment() +
                               "': not a section of " + ConfigurationPath());
  }
  return all;
}

bool SaysNothing(gss_channel_bindings_t given) {
  return given == GSS_C_NO_CHANNEL_BINDINGS ||
         (given->initiator_address.length == 0 && given->acceptor_address.length == 0 &&
          given->application_data.length == 0);
}

std::vector<uint8_t> OctetsOf(const gss_buffer_desc& buffer) {
  const auto* const octets = static_cast<const uint8_t*>(buffer.value);
  return {octets, octets + buffer.length};
}

}  // namespace

bool ConfiguredService::Accepts(std::span<const std::string_view> ticket_service) const {
  if (acceptors.empty()) {
    return true;
  }
  std::string whole;
  for (const std::string_view part : ticket_service) {
    whole += (whole.empty() ? "" : "/") + std::string(part);
  }
  return std::ranges::any_of(acceptors, [&](std::string_view acceptor) {
    return EqualsIgnoringAsciiCase(acceptor, whole) ||
           (!ticket_service.empty() && EqualsIgnoringAsciiCase(acceptor, ticket_service.front()));
  });
}

Services& Services::OfThisProcess() {
  static auto& services = *new Services();
  return services;
}

void Services::ReadUnlessDone() {
  const FileTime now = SystemClock().Now();
  if (done_ || (tried_ != 0 && now - tried_ < kTicksPerSecond)) {
    return;
  }
  tried_ = now;
  absl::StatusOr<ConfiguredServices> all = ReadAll();
  done_ = all.ok();
  if (all.ok()) {
    services_ = std::make_shared<const ConfiguredServices>(*std::move(all));
  } else {
    services_ = all.status();
    Log("every login is refused: " + std::string(all.status().message()));
  }
}

bool Services::configured() {
  const std::lock_guard lock(mutex_);
  ReadUnlessDone();
  return !services_.ok() || std::ranges::any_of(**services_, [](const ConfiguredService& service) {
    return service.rule != GssRule::kOff;
  });
}

absl::StatusOr<std::shared_ptr<const ConfiguredServices>> Services::Current() {
  const std::lock_guard lock(mutex_);
  ReadUnlessDone();
  return services_;
}

absl::StatusOr<Channel> ChannelOf(gss_channel_bindings_t given) {
  if (SaysNothing(given)) {
    return Channel::Plain();
  }
  EPA_ASSIGN_OR_RETURN(
      ChannelBindings bindings,
      ChannelBindings::FromFields({.initiator_address_type = given->initiator_addrtype,
                                   .initiator_address = OctetsOf(given->initiator_address),
                                   .acceptor_address_type = given->acceptor_addrtype,
                                   .acceptor_address = OctetsOf(given->acceptor_address),
                                   .application_data = OctetsOf(given->application_data)}));
  return Channel::Tls(std::move(bindings));
}

const std::shared_ptr<const ExtendedProtectionPolicy>& LegacyPolicy() {
  static const auto& policy = *new std::shared_ptr<const ExtendedProtectionPolicy>(
      std::make_shared<ExtendedProtectionPolicy>(
          *ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy})));
  return policy;
}

absl::StatusOr<LoginRules> RulesOf(const ConfiguredService& configured,
                                   gss_channel_bindings_t given) {
  LoginRules rules{configured.service->parts(), nullptr, Channel::Plain()};
  rules.policy = rules.parts->policy;
  const GssRule rule = rules.parts->settings.gss.value_or(GssRule::kCertificate);
  if (rules.parts->scenario == service::Scenario::kTls && !SaysNothing(given)) {
    EPA_ASSIGN_OR_RETURN(rules.channel, ChannelOf(given));
  } else if (rules.parts->scenario == service::Scenario::kTls && rule != GssRule::kCertificate) {
    rules.policy = LegacyPolicy();
  } else {
    EPA_ASSIGN_OR_RETURN(rules.channel, rules.parts->ChannelNow());
  }
  return rules;
}

}  // namespace epa::gss
