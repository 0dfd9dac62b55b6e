// Where a server's connections get their TLS and their channel from.
#ifndef EPA_TOOLS_EPA_SERVE_SERVER_TRANSPORT_H_
#define EPA_TOOLS_EPA_SERVE_SERVER_TRANSPORT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/file_observer.h"
#include "epa/core/channel.h"
#include "epa/tls/channel_binding.h"
#include "lib/base/watched_files.h"
#include "tools/epa/serve/server_tls.h"

namespace epa::tool {

struct ServerTransportOptions {
  // Empty: no TLS.
  std::vector<KeyPairFiles> key_pairs;
  tls::UndefinedHashRule undefined_hash_rule = tls::UndefinedHashRule::kFail;
  // A certificate that stays without a binding is worth a warning.
  bool warn_of_unbound = false;
  // The channel is this one instead of the connection's own: behind a trusted proxy, or clear.
  std::shared_ptr<const Channel> fixed_channel;
  // Hears of certificates that changed; may be empty.
  FileObserver observer;
};

// Certificates are read again when they change. Outlives the server's connections; shared by all
// threads.
class ServerTransport {
 public:
  // Reads the certificates. `application_protocol` as for ServerTls; `predecessor`, which may be
  // null, was in use until now.
  static absl::StatusOr<std::unique_ptr<ServerTransport>> Create(
      ServerTransportOptions options, std::string application_protocol,
      const ServerTransport* predecessor);
  static std::unique_ptr<ServerTransport> Clear();

  bool has_tls() const { return tls_.has_value(); }
  // What a new connection's TLS is made of; it keeps it. Null without TLS.
  std::shared_ptr<const ServerTls> Tls() const { return has_tls() ? tls_->Current() : nullptr; }
  // The channel of a connection: `ssl` after its handshake, made of `tls`; both null for a clear
  // one.
  absl::StatusOr<Channel> ChannelOf(const ServerTls* tls, SSL* ssl) const;
  // What an operator should know of the certificates, a sentence each.
  std::vector<std::string> Warnings() const;

 private:
  explicit ServerTransport(std::shared_ptr<const Channel> fixed_channel)
      : fixed_channel_(std::move(fixed_channel)) {}

  const std::shared_ptr<const Channel> fixed_channel_;
  bool warn_of_unbound_ = false;
  std::optional<WatchedFiles<ServerTls>> tls_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVER_TRANSPORT_H_
