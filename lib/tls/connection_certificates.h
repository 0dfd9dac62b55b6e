// The certificates that a TLS connection stands for.
#ifndef EPA_LIB_TLS_CONNECTION_CERTIFICATES_H_
#define EPA_LIB_TLS_CONNECTION_CERTIFICATES_H_

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/tls/channel_binding.h"

namespace epa::tls {

// FailedPrecondition until the handshake is over; InvalidArgument without a connection.
absl::Status RequireFinishedHandshake(const SSL* ssl);

// Every certificate with a private key that this connection could present. Borrowed from `ssl`,
// whose current certificate stays what it was.
std::vector<X509*> ConfiguredCertificates(SSL* ssl);

// After the handshake. Client: the server's certificate. Server: the certificate it selected, or
// on a resumed session, where none is sent, every configured one and `others`. Borrowed from `ssl`,
// never empty: FailedPrecondition where the handshake used no certificate, or a resumed session's
// is not among those known.
absl::StatusOr<std::vector<X509*>> ConnectionCertificates(SSL* ssl,
                                                          std::span<X509* const> others = {});

}  // namespace epa::tls

#endif  // EPA_LIB_TLS_CONNECTION_CERTIFICATES_H_
