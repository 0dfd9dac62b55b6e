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

http::Authenticator* Connection::Find(const http::AuthenticatorConfig* config) const {
  const auto found = std::ranges::find(logins_, config, &Logins::config);
  return found == logins_.end() ? nullptr : found->authenticator.get();
}

http::Authenticator* Connection::Add(const Site& site, bool proxy, Channel channel) {
  const std::shared_ptr<const http::AuthenticatorConfig>& config = site.authentication(proxy);
  logins_.push_back(
      {config.get(), std::make_unique<http::Authenticator>(config, std::move(channel), peer_)});
  return logins_.back().authenticator.get();
}

void Connection::ShareOwner(http::Authenticator& authenticator) const {
  if (authenticator.owner().has_value()) {
    return;
  }
  for (const Logins& logins : logins_) {
    if (logins.authenticator->owner().has_value()) {
      authenticator.BelongTo(*logins.authenticator->owner());
      return;
    }
  }
}

}  // namespace epa::web
