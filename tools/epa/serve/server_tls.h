// The TLS settings of a server: its certificates, chosen by key type and by server name.
#ifndef EPA_TOOLS_EPA_SERVE_SERVER_TLS_H_
#define EPA_TOOLS_EPA_SERVE_SERVER_TLS_H_

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/secret.h"
#include "epa/core/channel.h"
#include "epa/service/service.h"
#include "epa/tls/channel_binding.h"

namespace epa::tool {

using KeyPairFiles = service::KeyPairPaths;

// How long a TLS session can be resumed.
inline constexpr std::chrono::seconds kSessionTime{3600};

// TLS 1.2 and later. Immutable; shared by all threads.
class ServerTls {
 public:
  // Certificates with different key types share one context, as OpenSSL has it; a second one of
  // the same key type is served to clients that ask for a name which it carries (SNI).
  // `contents`: those of the certificates and keys, in turns, in the order of `key_pairs`, whose
  // paths are for messages. `application_protocol` is the only one (ALPN, RFC 7301), such as
  // "http/1.1", with which a client that asks for "http/1.0" is served too; empty: clients that ask
  // for any are refused, for they mean another server.
  // `predecessor`, which may be null, was in use until now: sessions that began with it can be
  // resumed, and its certificates count for them for kSessionTime.
  // Fails on contents that are no PEM, on encrypted keys, on a key that does not fit, and as
  // ServerCertificates::Create.
  static absl::StatusOr<std::unique_ptr<ServerTls>> Create(std::span<const KeyPairFiles> key_pairs,
                                                           std::span<const SecretBytes> contents,
                                                           tls::UndefinedHashRule rule,
                                                           std::string_view application_protocol,
                                                           const ServerTls* predecessor);
  ~ServerTls();
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;

  // Owned by this object.
  SSL_CTX* context() const;
  // The certificates without a tls-server-end-point binding, each with the reason.
  const std::vector<std::string>& unbound_certificates() const { return unbound_; }
  // The channel of a connection after its handshake.
  absl::StatusOr<Channel> ChannelOf(SSL* ssl) const { return certificates_->ChannelOf(ssl); }

 private:
  struct Context;
  ServerTls(std::string_view application_protocol, tls::UndefinedHashRule rule);
  absl::Status Add(const KeyPairFiles& files, std::string_view certificate, std::string_view key);
  absl::StatusOr<Context*> ContextFor(int key_type);
  absl::Status Succeed(const ServerTls& predecessor) const;
  static int ChooseProtocol(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                            const unsigned char* offered, unsigned int offered_size,
                            void* server_tls);
  static int ChooseByName(SSL* ssl, int* alert, void* server_tls);

  // Its length, then its name.
  const std::string protocol_list_;
  const tls::UndefinedHashRule rule_;
  std::vector<std::string> unbound_;
  std::vector<Context> contexts_;
  std::shared_ptr<const tls::ServerCertificates> certificates_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVER_TLS_H_
