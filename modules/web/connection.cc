#include "modules/web/connection.h"

#include <algorithm>

#include "lib/base/status_macros.h"

namespace epa::web {

absl::StatusOr<std::unique_ptr<const TlsCertificates>> TlsCertificates::Create(
    std::span<SSL_CTX* const> contexts) {
  std::unique_ptr<TlsCertificates> certificates(new TlsCertificates);
  EPA_ASSIGN_OR_RETURN(certificates->defined_,
                       tls::ServerCertificates::Create(contexts, tls::UndefinedHashRule::kUnbound));
  EPA_ASSIGN_OR_RETURN(certificates->all_,
                       tls::ServerCertificates::Create(contexts, tls::UndefinedHashRule::kSha256));
  return certificates;
}

absl::StatusOr<Channel> TlsCertificates::ChannelOf(SSL* ssl, tls::UndefinedHashRule rule) const {
  if (rule == tls::UndefinedHashRule::kSha256) {
    return all_->ChannelOf(ssl);
  }
  EPA_ASSIGN_OR_RETURN(Channel channel, defined_->ChannelOf(ssl));
  if (rule == tls::UndefinedHashRule::kFail && !channel.has_bindings()) {
    return absl::FailedPreconditionError(
        "RFC 5929 defines no hash for the certificate of this connection");
  }
  return channel;
}

absl::StatusOr<Channel> ChannelFor(const Site& site, SSL* ssl,
                                   const TlsCertificates& certificates) {
  const service::ServiceParts& parts = site.parts();
  if (parts.scenario == service::Scenario::kProxy) {
    return Channel::TrustedProxy();
  }
  if (ssl != nullptr) {
    return certificates.ChannelOf(ssl, parts.undefined_hash);
  }
  if (parts.scenario == service::Scenario::kTls) {
    return absl::FailedPreconditionError("the connection has no TLS, and " +
                                         parts.settings.Spelled("scenario") + " says that it has");
  }
  return Channel::Plain();
}

SiteLogins::SiteLogins(const Site& site, bool proxy, Channel channel, std::string peer)
    : authenticator_(site.authentication(proxy), std::move(channel), std::move(peer)),
      telling_{site.parts().settings.user_name, site.parts().settings.delegated_credentials} {}

http::Verdict SiteLogins::OnRequest(const http::RequestView& request) {
  // A request without credentials is served by the login that is there, if it is served.
  if (!request.authorization.empty()) {
    facts_.reset();
  }
  return authenticator_.OnRequest(request);
}

http::Verdict SiteLogins::Resume(std::unique_ptr<PendingWork> work) {
  return authenticator_.Resume(std::move(work));
}

absl::StatusOr<std::shared_ptr<const LoginFacts>> SiteLogins::Facts() {
  if (authenticator_.context() == nullptr) {
    return absl::FailedPreconditionError("nobody is logged in");
  }
  if (facts_ == nullptr) {
    EPA_ASSIGN_OR_RETURN(LoginFacts facts, LoginFactsOf(*authenticator_.context(), telling_));
    facts_ = std::make_shared<const LoginFacts>(std::move(facts));
  }
  return facts_;
}

bool Connection::half_way() const {
  return std::ranges::any_of(sites_,
                             [](const Met& met) { return met.logins->authenticator().half_way(); });
}

SiteLogins* Connection::Find(const http::AuthenticatorConfig* config) const {
  const auto found = std::ranges::find(sites_, config, &Met::config);
  return found == sites_.end() ? nullptr : found->logins.get();
}

SiteLogins* Connection::Add(const Site& site, bool proxy, Channel channel) {
  sites_.push_back({site.authentication(proxy).get(),
                    std::make_unique<SiteLogins>(site, proxy, std::move(channel), peer_)});
  return sites_.back().logins.get();
}

void Connection::ShareOwner(http::Authenticator& authenticator) const {
  if (authenticator.owner().has_value()) {
    return;
  }
  for (const Met& met : sites_) {
    if (met.logins->authenticator().owner().has_value()) {
      authenticator.BelongTo(*met.logins->authenticator().owner());
      return;
    }
  }
}

}  // namespace epa::web
