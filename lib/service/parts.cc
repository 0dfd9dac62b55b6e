#include "lib/service/parts.h"

#include <sys/stat.h>

#include <utility>

#include "lib/base/status_macros.h"

namespace epa::service {
namespace {

absl::StatusOr<std::vector<KeyPairPaths>> KeyPairsOf(const ServiceSettings& settings,
                                                     Scenario scenario) {
  const std::string cert = settings.Spelled("cert");
  const std::string key = settings.Spelled("key");
  std::vector<KeyPairPaths> pairs;
  if (scenario == Scenario::kClear) {
    for (const char* name : {"cert", "key"}) {
      if (settings.HasOwn(name)) {
        const bool said_by_tls =
            !settings.scenario.has_value() && settings.tls_start == TlsStart::kNone;
        return settings.Fault(name, settings.Spelled(said_by_tls ? "tls" : "scenario") +
                                        (said_by_tls ? " none" : " clear") + " has no TLS: leave " +
                                        cert + " and " + key + " out");
      }
    }
    return pairs;
  }
  if (settings.certificates.size() != settings.keys.size()) {
    return settings.Fault(
        settings.certificates.size() > settings.keys.size() ? "cert" : "key",
        "every " + cert + " needs a " + key + ", and every " + key + " a " + cert);
  }
  if (scenario == Scenario::kTls && settings.certificates.empty()) {
    return settings.Fault("cert", cert + " and " + key + " are needed to serve TLS");
  }
  for (size_t i = 0; i < settings.certificates.size(); ++i) {
    pairs.push_back({settings.certificates[i], settings.keys[i]});
  }
  return pairs;
}

absl::StatusOr<std::shared_ptr<const tls::CertificateFiles>> CertificatesOf(
    const ServiceParts& parts, const PartsOptions& options) {
  const ServiceSettings& settings = parts.settings;
  if (settings.certificates.empty()) {
    return settings.Fault(
        "cert", settings.Spelled("cert") + " is needed: the channel is known by its certificate");
  }
  tls::CertificateFilesOptions files;
  files.paths = settings.certificates;
  files.rule = parts.undefined_hash;
  files.roll_over = settings.certificate_roll_over;
  files.observer = ObserverOf(options.observer, "certificates");
  const tls::CertificateFiles* const before =
      options.predecessor == nullptr ? nullptr : options.predecessor->certificates.get();
  auto certificates = tls::CertificateFiles::Create(std::move(files), before);
  if (!certificates.ok()) {
    return settings.Fault("cert", std::string(certificates.status().message()));
  }
  return std::shared_ptr<const tls::CertificateFiles>(*std::move(certificates));
}

// Where nothing is compared with it, a certificate without a binding does no harm.
tls::UndefinedHashRule HashRuleOf(const ServiceParts& parts) {
  const bool needed =
      parts.scenario == Scenario::kTls && parts.policy->mode() == ExtendedProtectionMode::kRequire;
  return parts.settings.undefined_hash.value_or(needed ? tls::UndefinedHashRule::kFail
                                                       : tls::UndefinedHashRule::kUnbound);
}

void AddNotes(const WindowsSettings& windows, std::vector<std::string>& notes) {
  constexpr size_t kMost = 20;
  const size_t count = windows.has_value() ? windows->notes.size() : 0;
  for (size_t i = 0; i < std::min(count, kMost); ++i) {
    notes.push_back(NoteText(windows->notes[i]));
  }
  if (count > kMost) {
    notes.push_back(std::to_string(count - kMost) +
                    " more of these: epa settings FILE.reg lists them");
  }
}

absl::Status CheckUse(const ServiceSettings& settings, TlsEnd tls_end) {
  const bool in_web_server = tls_end == TlsEnd::kWebServer;
  for (const Setting& setting : Settings()) {
    if (!settings.HasOwn(setting.name)) {
      continue;
    }
    if (tls_end != TlsEnd::kElsewhere && setting.elsewhere) {
      return settings.Fault(setting.name, "of use where another process ends TLS only");
    }
    if (in_web_server && setting.use == SettingUse::kNotInWebServer) {
      return settings.Fault(setting.name, "the web server has such a setting of its own");
    }
    if (!in_web_server && setting.use == SettingUse::kInWebServerOnly) {
      return settings.Fault(setting.name, "of use in a web server only");
    }
  }
  return absl::OkStatus();
}

// What is said of TLS' beginning fits where TLS ends.
absl::Status CheckTlsStart(const ServiceSettings& settings, Scenario scenario) {
  const std::string scenario_name =
      settings.Spelled("scenario") + " " + std::string(ScenarioName(scenario));
  const bool none = settings.tls_start == TlsStart::kNone;
  if (none && scenario == Scenario::kTls) {
    return settings.Fault("tls", "none, with " + scenario_name + ": leave one of them out");
  }
  if (settings.HasOwn("tls") && !none && scenario == Scenario::kClear) {
    return settings.Fault("tls", scenario_name + " has no TLS: leave it out");
  }
  if (settings.clear_logins && settings.HasOwn("clear-logins") &&
      settings.tls_start != TlsStart::kCommand) {
    return settings.Fault("clear-logins",
                          "of use with " + settings.Spelled("tls") + " starttls only");
  }
  return absl::OkStatus();
}

// Where others may put files in place of ours, an application would use tickets of theirs.
absl::Status CheckDelegation(const ServiceSettings& settings) {
  const std::string& folder = settings.delegated_credentials;
  if (folder.empty() || (settings.keytab.empty() && !settings.HasOwn("delegated-credentials"))) {
    return absl::OkStatus();
  }
  if (settings.keytab.empty()) {
    return settings.Fault("delegated-credentials",
                          "of use with " + settings.Spelled("keytab") + " only");
  }
  struct stat found = {};
  if (stat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
    return settings.Fault("delegated-credentials", folder + " is not a directory");
  }
  if ((found.st_mode & S_IWOTH) != 0 && (found.st_mode & S_ISVTX) == 0) {
    return settings.Fault("delegated-credentials", "everybody may replace files in " + folder);
  }
  return absl::OkStatus();
}

// Before what is compared with the channel: who has none need not hear of that.
absl::Status AddKeyPairs(const PartsOptions& options, ServiceParts& parts) {
  const ServiceSettings& settings = parts.settings;
  if (options.tls_end != TlsEnd::kHere) {
    return absl::OkStatus();
  }
  EPA_ASSIGN_OR_RETURN(parts.key_pairs, KeyPairsOf(settings, parts.scenario));
  return absl::OkStatus();
}

absl::Status AddCertificates(const PartsOptions& options, ServiceParts& parts) {
  if (options.tls_end == TlsEnd::kElsewhere && parts.scenario == Scenario::kTls &&
      parts.settings.gss.value_or(GssRule::kCertificate) == GssRule::kCertificate) {
    EPA_ASSIGN_OR_RETURN(parts.certificates, CertificatesOf(parts, options));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Channel> ServiceParts::ChannelNow() const {
  switch (scenario) {
    case Scenario::kProxy:
      return Channel::TrustedProxy();
    case Scenario::kClear:
      return Channel::Plain();
    case Scenario::kTls:
      break;
  }
  if (certificates == nullptr) {
    return absl::FailedPreconditionError("each TLS connection has a channel of its own");
  }
  return certificates->ChannelNow();
}

absl::StatusOr<std::shared_ptr<const ServiceParts>> MakeParts(ServiceSettings settings,
                                                              const PartsOptions& options) {
  auto parts = std::make_shared<ServiceParts>();
  parts->settings = std::move(settings);
  parts->scenario = ScenarioOf(parts->settings);
  if (parts->settings.audit_only && parts->settings.audit.empty()) {
    return parts->settings.Fault(
        "audit-only",
        "refuses nothing: give " + parts->settings.Spelled("audit") + " to hear of it");
  }
  EPA_RETURN_IF_ERROR(CheckUse(parts->settings, options.tls_end));
  EPA_RETURN_IF_ERROR(CheckTlsStart(parts->settings, parts->scenario));
  EPA_RETURN_IF_ERROR(CheckDelegation(parts->settings));
  EPA_RETURN_IF_ERROR(AddKeyPairs(options, *parts));
  EPA_ASSIGN_OR_RETURN(const WindowsSettings windows, WindowsSettingsOf(parts->settings));
  AddNotes(windows, parts->notes);
  if (parts->settings.protocol == Protocol::kSmb) {
    EPA_ASSIGN_OR_RETURN(parts->smb, SmbOptionsOf(parts->settings, windows));
    parts->policy = parts->smb->policy;
  } else {
    EPA_ASSIGN_OR_RETURN(parts->policy, PolicyOf(parts->settings, windows));
  }
  parts->undefined_hash = HashRuleOf(*parts);
  EPA_RETURN_IF_ERROR(AddCertificates(options, *parts));
  EPA_ASSIGN_OR_RETURN(parts->packages, PackagesOf(parts->settings, windows, options));
  if (parts->smb.has_value()) {
    const Packages& packages = parts->packages;
    parts->smb->credentials = packages.negotiate != nullptr ? packages.negotiate : packages.ntlm;
  }
  EPA_ASSIGN_OR_RETURN(parts->audit, AuditOf(parts->settings));
  return parts;
}

}  // namespace epa::service
