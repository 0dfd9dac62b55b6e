#include "modules/web/site.h"

#include <utility>

#include "lib/base/status_macros.h"

namespace epa::web {
namespace {

using ConfigPtr = std::shared_ptr<const http::AuthenticatorConfig>;

absl::StatusOr<ConfigPtr> AuthenticationOf(const service::ServiceParts& parts, bool proxy) {
  http::AuthenticatorOptions options;
  if (parts.packages.negotiate != nullptr) {
    options.schemes.push_back({"Negotiate", parts.packages.negotiate});
  }
  if (parts.packages.kerberos != nullptr) {
    options.schemes.push_back({"Kerberos", parts.packages.kerberos});
  }
  if (parts.packages.ntlm != nullptr) {
    options.schemes.push_back({"NTLM", parts.packages.ntlm});
  }
  options.policy = parts.policy;
  options.audit = parts.audit;
  options.proxy = proxy;
  options.authenticate_each_request = parts.settings.authenticate_each_request;
  return http::AuthenticatorConfig::Create(std::move(options));
}

// Where it was said does not tell two sites apart.
std::string KeyOf(const SiteSettings& settings) {
  std::string key = settings.configuration + '\0' + settings.service;
  for (const service::GivenSetting& given : settings.given) {
    key += '\0' + given.name + '\0' + given.value + '\0' + given.folder;
  }
  return key;
}

}  // namespace

SiteSettings Inherit(const SiteSettings& base, const SiteSettings& over) {
  SiteSettings settings;
  settings.configuration = over.configuration.empty() ? base.configuration : over.configuration;
  settings.service = over.service.empty() ? base.service : over.service;
  settings.given = base.given;
  for (service::GivenSetting& given : settings.given) {
    given.inherited = true;
  }
  settings.given = Override(std::move(settings.given), over.given);
  return settings;
}

FileReport ReportOn(std::string_view what, const absl::Status& status) {
  FileReport report;
  report.text =
      std::string(what) + ": " +
      (status.ok() ? "read again"
                   : std::string(status.message()) + "; what was read before stays in use");
  report.alarming = !status.ok() && status.code() != absl::StatusCode::kPermissionDenied;
  return report;
}

absl::StatusOr<std::shared_ptr<const Site>> Site::Create(
    const SiteSettings& settings, service::Spelling spelling, service::ServiceObserver observer,
    std::shared_ptr<service::SharedAccounts> accounts) {
  service::ServiceOptions options;
  options.service = {service::Protocol::kHttp, settings.service};
  options.configuration = settings.configuration;
  options.overrides = settings.given;
  options.tls_end = service::TlsEnd::kWebServer;
  options.observer = std::move(observer);
  options.accounts = std::move(accounts);
  if (settings.configuration.empty()) {
    options.spelling = spelling;
  }
  EPA_ASSIGN_OR_RETURN(const auto service, service::Service::Create(std::move(options)));
  std::shared_ptr<Site> site(new Site);
  site->parts_ = service->parts();
  EPA_ASSIGN_OR_RETURN(site->origin_, AuthenticationOf(*site->parts_, false));
  EPA_ASSIGN_OR_RETURN(site->proxy_, AuthenticationOf(*site->parts_, true));
  return site;
}

absl::StatusOr<const Site*> Sites::Get(const SiteSettings& settings) {
  std::shared_ptr<const Site>& site = sites_[KeyOf(settings)];
  if (site == nullptr) {
    EPA_ASSIGN_OR_RETURN(site, Site::Create(settings, spelling_, observer_, accounts_));
  }
  return site.get();
}

}  // namespace epa::web
