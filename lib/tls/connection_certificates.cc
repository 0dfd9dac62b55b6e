#include "lib/tls/connection_certificates.h"

#include <openssl/objects.h>
#include <openssl/ssl.h>

#include "lib/base/status_macros.h"
#include "lib/tls/openssl_handles.h"

namespace epa::tls {
namespace {

// Anonymous, PSK and SRP cipher suites leave the configured certificate unused.
bool CipherUsesCertificate(const SSL* ssl) {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  const int authentication = cipher == nullptr ? NID_auth_null : SSL_CIPHER_get_auth_nid(cipher);
  return authentication != NID_auth_null && authentication != NID_auth_psk &&
         authentication != NID_auth_srp;
}

std::vector<X509*> SelectedCertificate(const SSL* ssl) {
  X509* selected = CipherUsesCertificate(ssl) ? SSL_get_certificate(ssl) : nullptr;
  return selected == nullptr ? std::vector<X509*>{} : std::vector<X509*>{selected};
}

// OpenSSL keeps no trace of the server's own certificate in a session, and asks no certificate
// callback when one is resumed.
absl::StatusOr<std::vector<X509*>> ResumedCertificates(SSL* ssl, std::span<X509* const> others) {
  std::vector<X509*> certificates = ConfiguredCertificates(ssl);
  certificates.insert(certificates.end(), others.begin(), others.end());
  if (certificates.empty()) {
    return absl::FailedPreconditionError(
        "the TLS session is resumed and no certificate it may have begun with is known: give those "
        "of a certificate callback to ServerCertificates::Create");
  }
  return certificates;
}

std::vector<X509*> ClientSideCertificates(const SSL* ssl) {
  X509* peer = SSL_get0_peer_certificate(ssl);
  return peer == nullptr ? std::vector<X509*>{} : std::vector<X509*>{peer};
}

}  // namespace

absl::Status RequireFinishedHandshake(const SSL* ssl) {
  if (ssl == nullptr) {
    return absl::InvalidArgumentError("there is no TLS connection");
  }
  if (SSL_is_init_finished(ssl) != 1) {
    return absl::FailedPreconditionError("the TLS handshake has not ended");
  }
  return absl::OkStatus();
}

std::vector<X509*> ConfiguredCertificates(SSL* ssl) {
  const ErrorQueueGuard errors;
  X509* const current = SSL_get_certificate(ssl);
  std::vector<X509*> certificates;
  for (long found = SSL_set_current_cert(ssl, SSL_CERT_SET_FIRST); found == 1;
       found = SSL_set_current_cert(ssl, SSL_CERT_SET_NEXT)) {
    certificates.push_back(SSL_get_certificate(ssl));
  }
  if (current != nullptr) {
    SSL_select_current_cert(ssl, current);
  }
  return certificates;
}

absl::StatusOr<std::vector<X509*>> ConnectionCertificates(SSL* ssl, std::span<X509* const> others) {
  EPA_RETURN_IF_ERROR(RequireFinishedHandshake(ssl));
  const bool server = SSL_is_server(ssl) == 1;
  if (server && SSL_session_reused(ssl) == 1) {
    return ResumedCertificates(ssl, others);
  }
  std::vector<X509*> certificates = server ? SelectedCertificate(ssl) : ClientSideCertificates(ssl);
  if (certificates.empty()) {
    return absl::FailedPreconditionError("the TLS handshake used no server certificate");
  }
  return certificates;
}

}  // namespace epa::tls
