// Channel bindings of real TLS connections and certificates (OpenSSL 3).
#ifndef EPA_TLS_CHANNEL_BINDING_H_
#define EPA_TLS_CHANNEL_BINDING_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/channel_bindings.h"

#pragma GCC visibility push(default)

// OpenSSL's types, declared here so that no public header includes an OpenSSL header.
typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct x509_st X509;

namespace epa::tls {

// RFC 5929 4.1 leaves tls-server-end-point undefined where a signature algorithm has no single
// hash (Ed25519, Ed448, ML-DSA), and peers disagree. What to do then:
enum class UndefinedHashRule : uint8_t {
  kFail,     // FailedPrecondition
  kUnbound,  // a channel without that binding
  kSha256,   // SHA-256, as Java and Schannel's default branch
};

// How a certificate's hash was chosen.
struct EndpointHash {
  // OpenSSL's name of the signature algorithm, such as "sha256WithRSAEncryption", "RSASSA-PSS",
  // "ED25519"; dotted digits for an unknown one.
  std::string signature_algorithm;
  // "SHA256", "SHA384"...; empty where undefined.
  std::string digest;
  // False where RFC 5929 4.1 does not define the binding; `digest` then follows the rule.
  bool defined = true;
  // The rule that applies, or why none does: one sentence.
  std::string why;
};

struct EndpointBinding {
  EndpointHash hash;
  // Absent only under kUnbound.
  std::optional<ChannelBindings> bindings;
};

// tls-server-end-point of a certificate (RFC 5929 4.1): its signature's hash, but SHA-256 for MD5
// and SHA-1; for RSASSA-PSS the hash in the parameters. Hashes the DER encoding as it is.
// InvalidArgument when the input is not one DER certificate.
absl::StatusOr<EndpointBinding> EndpointBindingOf(const X509* certificate, UndefinedHashRule rule);
absl::StatusOr<EndpointBinding> EndpointBindingOf(std::span<const uint8_t> certificate_der,
                                                  UndefinedHashRule rule);

// The certificates a server may present, hashed once. Immutable; shared by all threads.
class ServerCertificates {
 public:
  // Every certificate configured in the contexts now (several keys in one context, several
  // contexts chosen by SNI). The contexts are only read and may change later: a certificate
  // that is not found here is hashed when it is met. `chosen_later`: those that a certificate
  // callback (SSL_CTX_set_cert_cb) sets on connections; without them its resumed sessions have no
  // channel. `predecessor`, which may be null, was in use until now with the same contexts in the
  // same order: a client that resumes a session of its time is sent no certificate and binds the
  // old one, which counts on such connections for `roll_over`.
  static absl::StatusOr<std::shared_ptr<const ServerCertificates>> Create(
      std::span<SSL_CTX* const> contexts, UndefinedHashRule rule = UndefinedHashRule::kFail,
      std::span<X509* const> chosen_later = {}, const ServerCertificates* predecessor = nullptr,
      std::chrono::seconds roll_over = std::chrono::hours(1));

  // The channel of a server's connection after its handshake: tls-server-end-point of the
  // certificate that was selected for this connection. On a resumed session no certificate is
  // sent and the client binds the one it remembers: then every certificate of this connection's
  // context counts, and every one chosen later, and its retired ones. Hashes nothing for a known
  // certificate and takes no lock. FailedPrecondition before the handshake ended, where it used no
  // certificate (anonymous or PSK cipher suites), and on a resumed session without a known one:
  // close the connection then. InvalidArgument on a client's connection.
  absl::StatusOr<Channel> ChannelOf(SSL* ssl) const;

  ~ServerCertificates();

 private:
  struct Entry;
  struct Context;

  explicit ServerCertificates(UndefinedHashRule rule);
  absl::Status Add(X509* certificate);
  absl::StatusOr<std::shared_ptr<const ChannelBindingsList>> BindingsOf(
      const X509* certificate) const;
  // What else counts on a resumed session.
  ChannelBindingsList RetiredFor(const SSL* ssl) const;
  // The place of a certificate in `entries_`, whether it is there or not.
  size_t IndexOf(const X509* certificate) const;
  bool Holds(size_t index, const X509* certificate) const;

  UndefinedHashRule rule_;
  std::vector<Context> contexts_;
  // Ordered by the certificate's address.
  std::vector<Entry> entries_;
  // Kept by `entries_`.
  std::vector<X509*> chosen_later_;
};

// Which bindings a channel shall offer or accept, in this order.
struct BindingTypes {
  bool server_end_point = true;
  bool exporter = false;
  bool unique = false;
};

// The channel of a finished handshake without a cache. Server: the certificate selected on this
// connection; client: the peer's. FailedPrecondition before the handshake ended, and where a
// wanted type is unavailable: tls-unique on TLS 1.3 or without extended master secret (RFC 7627).
absl::StatusOr<Channel> ChannelOf(SSL* ssl, BindingTypes types = {},
                                  UndefinedHashRule rule = UndefinedHashRule::kFail);

// Single bindings, with the same failures. RFC 9266 2 forbids tls-exporter where renegotiation is
// possible: with TLS 1.2 set SSL_OP_NO_RENEGOTIATION.
absl::StatusOr<ChannelBindings> TlsUnique(SSL* ssl);
absl::StatusOr<ChannelBindings> TlsExporter(SSL* ssl);

}  // namespace epa::tls

#pragma GCC visibility pop

#endif  // EPA_TLS_CHANNEL_BINDING_H_
