// Where a server's connections get their TLS and their channel from.
#ifndef EPA_TOOLS_EPA_SERVE_SERVER_TRANSPORT_H_
#define EPA_TOOLS_EPA_SERVE_SERVER_TRANSPORT_H_

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/tls/channel_binding.h"
#include "tools/epa/serve/server_tls.h"

namespace epa::tool {

struct ServerTransportOptions {
  // Empty: no TLS.
  std::vector<KeyPairFiles> key_pairs;
  tls::UndefinedHashRule undefined_hash_rule = tls::UndefinedHashRule::kFail;
  // The channel is this one instead of the connection's own: behind a trusted proxy, or clear.
  std::shared_ptr<const Channel> fixed_channel;
};

// What `policy` says about the channel and about certificates without a binding.
ServerTransportOptions TransportFor(const ExtendedProtectionPolicy& policy,
                                    std::vector<KeyPairFiles> key_pairs);

// Outlives the server's connections; shared by all threads.
class ServerTransport {
 public:
  // Reads the certificates. `application_protocol` as for ServerTls.
  static absl::StatusOr<std::unique_ptr<ServerTransport>> Create(
      ServerTransportOptions options, std::string_view application_protocol);

  // Null: connections are clear.
  boost::asio::ssl::context* tls_context() {
    return tls_context_.has_value() ? &*tls_context_ : nullptr;
  }
  // The channel of a connection: `ssl` after its handshake, null for a clear one.
  absl::StatusOr<Channel> ChannelOf(SSL* ssl) const;

 private:
  explicit ServerTransport(std::shared_ptr<const Channel> fixed_channel)
      : fixed_channel_(std::move(fixed_channel)) {}

  const std::shared_ptr<const Channel> fixed_channel_;
  std::unique_ptr<ServerTls> tls_;
  std::optional<boost::asio::ssl::context> tls_context_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVER_TRANSPORT_H_
