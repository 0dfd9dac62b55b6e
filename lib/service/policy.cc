#include <string>
#include <utility>
#include <vector>

#include "epa/defaults/windows_settings.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "lib/service/parts.h"

namespace epa::service {
namespace {

// Of a registry's settings those that are the mode of a protocol.
const registry::Setting<ExtendedProtectionMode>* ModeSetting(
    Protocol protocol, const registry::WindowsSettings& windows) {
  if (protocol == Protocol::kTelnet) {
    return &windows.telnet_extended_protection;
  }
  if (protocol == Protocol::kLdap) {
    return &windows.ldap_enforce_channel_binding;
  }
  return protocol == Protocol::kSmb ? &windows.smb_server_name_hardening_level : nullptr;
}

absl::StatusOr<AcceptedServiceNames> NamesOf(const ServiceSettings& settings,
                                             std::vector<std::string> names, bool allow_dotless) {
  return AcceptedServiceNames::Create(std::move(names), ServiceNameProfile::kStandard,
                                      allow_dotless, settings.port_rule);
}

// Which name is wrong, and what helps.
absl::Status CheckEachName(const ServiceSettings& settings) {
  for (size_t i = 0; i < settings.spns.size(); ++i) {
    const std::vector<std::string> name = {settings.spns[i]};
    const absl::Status status = NamesOf(settings, name, settings.allow_dotless_spn).status();
    const absl::Status with_flag = NamesOf(settings, name, true).status();
    if (!status.ok()) {
      const bool flag_helps = with_flag.ok();
      return absl::InvalidArgumentError(
          settings.Where("spn", i) + ": " +
          std::string((flag_helps ? status : with_flag).message()) +
          (flag_helps ? ": " + settings.Spelled("flag") + " allow-dotless-spn" : ""));
    }
  }
  return absl::OkStatus();
}

// Why no name is compared; empty: they are.
std::string WhyNamesDoNotCount(const ServiceSettings& settings, Scenario scenario) {
  if (settings.no_service_name_check) {
    return "with " + settings.Spelled("flag") + " no-service-name-check";
  }
  if (scenario == Scenario::kTls && !settings.service_name_on_tls && !settings.clear_logins) {
    return "with " + settings.Spelled("scenario") + " tls, where the channel decides: leave it out";
  }
  return "";
}

// Names that nothing compares would promise what is not done.
absl::StatusOr<AcceptedServiceNames> ComparedNames(const ServiceSettings& settings,
                                                   Scenario scenario) {
  if (settings.spns.empty() && settings.allow_dotless_spn && settings.HasOwn("flag")) {
    return settings.Fault("flag", "allow-dotless-spn is about " + settings.Spelled("spn"));
  }
  EPA_RETURN_IF_ERROR(CheckEachName(settings));
  const std::string why = WhyNamesDoNotCount(settings, scenario);
  if (!settings.spns.empty() && !why.empty() && settings.HasOwn("spn")) {
    return settings.Fault("spn", "not compared " + why);
  }
  if (!why.empty()) {
    return AcceptedServiceNames();
  }
  return NamesOf(settings, settings.spns, settings.allow_dotless_spn);
}

absl::Status CheckClear(const ServiceSettings& settings, const ExtendedProtectionOptions& options) {
  const bool unchecked = options.no_service_name_check && !options.nothing_to_check;
  if (options.mode != ExtendedProtectionMode::kLegacy &&
      (unchecked || (options.accepted_names.empty() && !options.no_service_name_check))) {
    return settings.Fault("scenario", "clear is checked by service name alone: give " +
                                          settings.Spelled("spn") + ", or " +
                                          settings.Spelled("extended-protection") + " 0");
  }
  return absl::OkStatus();
}

absl::Status CheckProxy(const ServiceSettings& settings, const ExtendedProtectionOptions& options) {
  if (options.mode != ExtendedProtectionMode::kLegacy && options.accepted_names.empty() &&
      !options.no_service_name_check) {
    return settings.Fault("scenario", "behind a proxy the service name decides: give " +
                                          settings.Spelled("spn") + ", or " +
                                          settings.Spelled("extended-protection") + " 0");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const ExtendedProtectionPolicy>> Shared(
    const ServiceSettings& settings, absl::StatusOr<ExtendedProtectionPolicy> policy) {
  if (!policy.ok()) {
    return settings.Fault("", std::string(policy.status().message()));
  }
  return std::make_shared<const ExtendedProtectionPolicy>(*std::move(policy));
}

// SMB lists names without the service class, which is always this one.
std::string WithoutClass(const std::string& name) {
  constexpr std::string_view kClass = "cifs/";
  return EqualsIgnoringAsciiCase(name.substr(0, kClass.size()), kClass) ? name.substr(kClass.size())
                                                                        : name;
}

absl::Status CheckGuests(const ServiceSettings& settings, const smb2::ServerOptions& options,
                         const smb2::NameHardeningOptions& names) {
  if (!settings.guests) {
    return absl::OkStatus();
  }
  if (settings.accounts.empty()) {
    return settings.Fault("map-to-guest",
                          "about NTLM accounts: " + settings.Spelled("accounts") + " is needed");
  }
  if (names.level == 2 && !names.audit_only) {
    return settings.Fault("map-to-guest", "bad-user needs " +
                                              settings.Spelled("extended-protection") +
                                              " 0 or 1: a guest vouches for no name");
  }
  if (options.require_signing || options.encryption == smb2::EncryptionPolicy::kRequired) {
    return settings.Fault("map-to-guest", "bad-user needs " + settings.Spelled("signing") +
                                              " optional, and no required encryption: a guest has "
                                              "no key");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const ExtendedProtectionPolicy>> HardeningOf(
    const ServiceSettings& settings, const WindowsSettings& windows,
    const smb2::ServerOptions& options) {
  smb2::NameHardeningOptions names;
  names.level = static_cast<uint32_t>(ModeOf(settings, windows));
  names.names = options.names;
  names.audit_only = settings.audit_only;
  names.allow_guest = settings.guests;
  EPA_RETURN_IF_ERROR(CheckGuests(settings, options, names));
  auto policy = smb2::CreateNameHardeningPolicy(std::move(names));
  if (policy.ok() && settings.require_mic) {
    ExtendedProtectionOptions with_mic = policy->options();
    with_mic.require_mic = true;
    policy = ExtendedProtectionPolicy::Create(std::move(with_mic));
  }
  return Shared(settings, std::move(policy));
}

}  // namespace

absl::StatusOr<WindowsSettings> WindowsSettingsOf(const ServiceSettings& settings) {
  if (settings.registry_files.empty() && !settings.windows.has_value()) {
    return WindowsSettings();
  }
  auto windows = registry::ReadWindowsSettings(
      settings.registry_files, settings.windows.value_or(registry::WindowsVersion()));
  if (!windows.ok()) {
    return settings.Fault("registry", std::string(windows.status().message()));
  }
  return WindowsSettings(*std::move(windows));
}

Scenario ScenarioOf(const ServiceSettings& settings) {
  const bool clear = settings.protocol == Protocol::kTelnet ||
                     settings.protocol == Protocol::kSmb || settings.tls_start == TlsStart::kNone;
  return settings.scenario.value_or(clear ? Scenario::kClear : Scenario::kTls);
}

ExtendedProtectionMode ModeOf(const ServiceSettings& settings, const WindowsSettings& windows) {
  if (settings.mode.has_value()) {
    return *settings.mode;
  }
  const auto* const setting =
      windows.has_value() ? ModeSetting(settings.protocol, *windows) : nullptr;
  return setting != nullptr && setting->is_set() ? setting->value
                                                 : ExtendedProtectionMode::kRequire;
}

absl::StatusOr<std::shared_ptr<const ExtendedProtectionPolicy>> PolicyOf(
    const ServiceSettings& settings, const WindowsSettings& windows) {
  const Scenario scenario = ScenarioOf(settings);
  ExtendedProtectionOptions options;
  options.mode = ModeOf(settings, windows);
  if (scenario == Scenario::kProxy) {
    options.scenario = ProtectionScenario::kTrustedProxy;
  }
  options.proxy_cohosting = settings.proxy_cohosting;
  options.no_service_name_check = settings.no_service_name_check;
  options.nothing_to_check = settings.nothing_to_check;
  options.service_name_on_tls = settings.service_name_on_tls;
  options.require_mic = settings.require_mic;
  options.audit_only = settings.audit_only;
  EPA_ASSIGN_OR_RETURN(options.accepted_names, ComparedNames(settings, scenario));
  if (scenario == Scenario::kClear) {
    EPA_RETURN_IF_ERROR(CheckClear(settings, options));
  }
  if (scenario == Scenario::kProxy) {
    EPA_RETURN_IF_ERROR(CheckProxy(settings, options));
  }
  EPA_ASSIGN_OR_RETURN(auto policy,
                       Shared(settings, ExtendedProtectionPolicy::Create(std::move(options))));
  if (settings.clear_logins) {
    const absl::Status clear = policy->CheckChannel(ChannelKind::kPlain);
    if (!clear.ok()) {
      return settings.Fault("clear-logins", std::string(clear.message()));
    }
  }
  return policy;
}

absl::StatusOr<smb2::ServerOptions> SmbOptionsOf(const ServiceSettings& settings,
                                                 const WindowsSettings& windows) {
  smb2::ServerOptions options;
  EPA_ASSIGN_OR_RETURN(options.names, smb2::LocalServerNames());
  for (const std::string& name : settings.spns) {
    options.names.configured_names.push_back(WithoutClass(name));
  }
  if (windows.has_value()) {
    ApplyWindowsSettings(*windows, options);
  }
  options.require_signing = settings.require_signing.value_or(options.require_signing);
  options.encryption = settings.encryption;
  if (!settings.dialects.empty()) {
    options.dialects = settings.dialects;
  }
  EPA_ASSIGN_OR_RETURN(options.policy, HardeningOf(settings, windows, options));
  return options;
}

}  // namespace epa::service
