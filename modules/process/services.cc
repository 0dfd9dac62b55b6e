#include "modules/process/services.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "modules/process/names.h"

namespace epa::process {
namespace {

using service::ConfigurationFile;
using service::GivenSetting;
using service::GssRule;
using service::ServiceName;
using service::ServiceSettings;

constexpr char kDefaultKeytab[] = "/etc/krb5.keytab";

std::string_view OrOfEnvironment(std::string_view named) {
  const char* const environment = ServiceOfEnvironment();
  return named.empty() && environment != nullptr ? environment : named;
}

void AddDefault(const char* name, const char* value, const char* where,
                const ServiceSettings& settings, std::vector<GivenSetting>& defaults) {
  if (value != nullptr && *value != '\0' && !settings.Has(name)) {
    defaults.push_back({name, value, where, "", /*inherited=*/true});
  }
}

}  // namespace

std::string PlainTitle(const ServiceName& name) {
  const std::string title = SectionTitle(name);
  return title.substr(1, title.size() - 2);
}

absl::StatusOr<std::vector<Section>> SectionsOfThisProcess(std::string_view named) {
  named = OrOfEnvironment(named);
  auto file = ConfigurationFile::Read(ConfigurationPath());
  if (absl::IsNotFound(file.status()) && named.empty()) {
    return std::vector<Section>();
  }
  EPA_RETURN_IF_ERROR(file.status());
  std::vector<Section> sections;
  for (const ServiceName& name : file->services()) {
    EPA_ASSIGN_OR_RETURN(const service::ConfiguredService section, file->Find(name));
    EPA_ASSIGN_OR_RETURN(ServiceSettings settings,
                         ReadSettings(name.protocol, section.settings, section.front_end));
    if (named.empty() ? std::ranges::any_of(settings.executables, IsThisProcess)
                      : PlainTitle(name) == named) {
      sections.push_back({name, std::move(settings)});
    }
  }
  if (sections.empty() && !named.empty()) {
    return absl::NotFoundError("EPA_SERVICE '" + std::string(named) + "': not a section of " +
                               ConfigurationPath());
  }
  return sections;
}

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

const std::shared_ptr<const ExtendedProtectionPolicy>& LegacyPolicy() {
  static const auto& policy = *new std::shared_ptr<const ExtendedProtectionPolicy>(
      std::make_shared<ExtendedProtectionPolicy>(
          *ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy})));
  return policy;
}

absl::StatusOr<LoginRules> RulesOf(std::shared_ptr<const service::ServiceParts> parts,
                                   std::optional<Channel> given) {
  LoginRules rules{std::move(parts), nullptr, Channel::Plain()};
  rules.policy = rules.parts->policy;
  const bool tls = rules.parts->scenario == service::Scenario::kTls;
  const GssRule rule = rules.parts->settings.gss.value_or(GssRule::kCertificate);
  if (tls && given.has_value()) {
    rules.channel = *std::move(given);
  } else if (tls && rule != GssRule::kCertificate) {
    rules.policy = LegacyPolicy();
  } else {
    EPA_ASSIGN_OR_RETURN(rules.channel, rules.parts->ChannelNow());
  }
  return rules;
}

}  // namespace epa::process
