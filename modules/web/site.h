// One set of a web server's settings, and what was made of it. Where two places of a configuration
// say the same they are one site; where they say something else, what they have in common of their
// accounts is read once, too.
#ifndef EPA_MODULES_WEB_SITE_H_
#define EPA_MODULES_WEB_SITE_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/http/authenticator.h"
#include "epa/service/service.h"

namespace epa::web {

// What an administrator said, in one place of the host's configuration or in several.
struct SiteSettings {
  std::string configuration;  // the path of an epa.conf; empty: none
  std::string service;        // "NAME" of its section [http NAME]
  std::vector<service::GivenSetting> given;

  bool empty() const { return configuration.empty() && service.empty() && given.empty(); }
};

// `over` as it stands on `base`: what it says replaces what `base` says of the same setting, and
// what it has no use for in `base` is no error.
SiteSettings Inherit(const SiteSettings& base, const SiteSettings& over);

// What an administrator is told of files that are read again: a ServiceObserver's words.
struct FileReport {
  std::string text;
  // False for what root alone may read: it is read again when the server is reloaded.
  bool alarming = false;
};
FileReport ReportOn(std::string_view what, const absl::Status& status);

// Immutable, but for files that are read again when they change.
class Site {
 public:
  // Fails as Service::Create.
  static absl::StatusOr<std::shared_ptr<const Site>> Create(
      const SiteSettings& settings, service::Spelling spelling, service::ServiceObserver observer,
      std::shared_ptr<service::SharedAccounts> accounts);

  // `proxy`: for requests that go on to another server (407).
  const std::shared_ptr<const http::AuthenticatorConfig>& authentication(bool proxy) const {
    return proxy ? proxy_ : origin_;
  }
  const service::ServiceParts& parts() const { return *parts_; }

 private:
  Site() = default;

  std::shared_ptr<const service::ServiceParts> parts_;
  std::shared_ptr<const http::AuthenticatorConfig> origin_;
  std::shared_ptr<const http::AuthenticatorConfig> proxy_;
};

// All sites of a configuration. Filled by one thread, then read by several.
class Sites {
 public:
  Sites(service::Spelling spelling, service::ServiceObserver observer)
      : spelling_(spelling), observer_(std::move(observer)) {}

  // Lives as long as this object. Fails as Site::Create.
  absl::StatusOr<const Site*> Get(const SiteSettings& settings);

 private:
  const service::Spelling spelling_;
  const service::ServiceObserver observer_;
  const std::shared_ptr<service::SharedAccounts> accounts_ =
      std::make_shared<service::SharedAccounts>();
  // By all that they say.
  std::map<std::string, std::shared_ptr<const Site>> sites_;
};

}  // namespace epa::web

#endif  // EPA_MODULES_WEB_SITE_H_
