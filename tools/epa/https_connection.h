// One connection of the HTTPS server.
#ifndef EPA_TOOLS_EPA_HTTPS_CONNECTION_H_
#define EPA_TOOLS_EPA_HTTPS_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/http/authenticator.h"
#include "epa/tls/channel_binding.h"

namespace epa::tool {

// Kept alive by its pending operations. Both calls may come from any thread.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void Start() = 0;
  // Ends at once when nothing is going on, else after the open exchange.
  virtual void Drain() = 0;
};

// What a connection needs of its server. Called by several threads; outlives the connections.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  virtual std::shared_ptr<const http::AuthenticatorConfig> authentication() const = 0;
  // `ssl` is null for a plain connection.
  virtual absl::StatusOr<Channel> ChannelOf(SSL* ssl) const = 0;
  virtual std::chrono::seconds patience() const = 0;
  virtual bool stopping() const = 0;
  // Runs work that may block.
  virtual void RunElsewhere(std::function<void()> work) = 0;
  virtual void Forget(Connection* connection) = 0;
};

std::shared_ptr<Connection> NewTlsConnection(ConnectionHost& host,
                                             boost::asio::ip::tcp::socket socket,
                                             boost::asio::ssl::context& context);
std::shared_ptr<Connection> NewPlainConnection(ConnectionHost& host,
                                               boost::asio::ip::tcp::socket socket);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_HTTPS_CONNECTION_H_
