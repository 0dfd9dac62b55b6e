// One HTTP/1.1 connection of a web server: its channel, and who has logged in on it where.
#ifndef EPA_MODULES_WEB_CONNECTION_H_
#define EPA_MODULES_WEB_CONNECTION_H_

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/http/authenticator.h"
#include "epa/tls/channel_binding.h"
#include "modules/web/login_facts.h"
#include "modules/web/site.h"

namespace epa::web {

// The certificates of all of a server's TLS contexts. Immutable.
class TlsCertificates {
 public:
  static absl::StatusOr<std::unique_ptr<const TlsCertificates>> Create(
      std::span<SSL_CTX* const> contexts);

  // FailedPrecondition as ServerCertificates::ChannelOf, and where `rule` is kFail and the
  // certificate of the connection has no binding.
  absl::StatusOr<Channel> ChannelOf(SSL* ssl, tls::UndefinedHashRule rule) const;

 private:
  TlsCertificates() = default;
  std::shared_ptr<const tls::ServerCertificates> defined_;
  std::shared_ptr<const tls::ServerCertificates> all_;
};

// The channel that `site` sees on a connection; `ssl` is null where it has no TLS.
// FailedPrecondition where the site serves TLS alone, and as TlsCertificates.
absl::StatusOr<Channel> ChannelFor(const Site& site, SSL* ssl, const TlsCertificates& certificates);

// The logins by one site's rules on one connection, or on none that lasts: HTTP/2's.
class SiteLogins {
 public:
  SiteLogins(const Site& site, bool proxy, Channel channel, std::string peer);

  // As http::Authenticator.
  http::Verdict OnRequest(const http::RequestView& request);
  http::Verdict Resume(std::unique_ptr<PendingWork> work);

  // What an application is told of the request that is to be served: found out once for each login.
  // Fails as LoginFactsOf.
  absl::StatusOr<std::shared_ptr<const LoginFacts>> Facts();

  http::Authenticator& authenticator() { return authenticator_; }
  const http::Authenticator& authenticator() const { return authenticator_; }

 private:
  http::Authenticator authenticator_;
  const TellingRules telling_;
  std::shared_ptr<const LoginFacts> facts_;
};

// Used by one owner at a time.
class Connection {
 public:
  // `peer`: its address, for audit events.
  explicit Connection(std::string peer) : peer_(std::move(peer)) {}

  // The logins with that site's settings: what was proved by one site's rules does not count at
  // another. `channel` is the connection's, asked for where the connection meets the site for the
  // first time. Valid until the connection ends.
  template <typename ChannelSource>
  absl::StatusOr<SiteLogins*> LoginsAt(const Site& site, bool proxy, const ChannelSource& channel) {
    SiteLogins* logins = Find(site.authentication(proxy).get());
    if (logins == nullptr) {
      absl::StatusOr<Channel> found = channel();
      if (!found.ok()) {
        return found.status();
      }
      logins = Add(site, proxy, *std::move(found));
    }
    ShareOwner(logins->authenticator());
    return logins;
  }

  // Whether a login has begun, and the client's next message is awaited: a connection that ends now
  // takes it along.
  bool half_way() const;

 private:
  struct Met {
    const http::AuthenticatorConfig* config;
    std::unique_ptr<SiteLogins> logins;
  };

  SiteLogins* Find(const http::AuthenticatorConfig* config) const;
  SiteLogins* Add(const Site& site, bool proxy, Channel channel);
  // The connection is one user's, whatever rules the first login was by.
  void ShareOwner(http::Authenticator& authenticator) const;

  const std::string peer_;
  std::vector<Met> sites_;
};

}  // namespace epa::web

#endif  // EPA_MODULES_WEB_CONNECTION_H_
